/**
 * What kept sessions cost: going on with a large one, the list of very many, one line.
 *
 * node test/bench/sessions.ts [--json]. Invariants: each figure is measured in a process of its own, so that memory is
 * that of the work alone; files are made anew in a folder that is deleted. Milliseconds, bytes.
 * Does not: start the program, judge against a target.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { withCatalog } from '../../src/rollout/catalog.ts';
import { lineText, type RolloutLine, type SessionMeta } from '../../src/rollout/lines.ts';
import { rolloutPath } from '../../src/rollout/paths.ts';
import { RolloutWriter } from '../../src/rollout/rollout.ts';
import { openStored } from '../../src/rollout/store.ts';
import { uuidv7 } from '../../src/text/uuid.ts';

export interface SessionFigures {
  /** A rollout of 100 MB with 20,000 items, none of them compacted away: all of it is history. */
  readonly resumeMs: number;
  readonly resumePeakBytes: number;
  /** The same size, compacted as a session of that length is. */
  readonly resumeCompactedMs: number;
  readonly resumeCompactedPeakBytes: number;
  /** 10,000 sessions: the list that every command reads, and the one time that it is made from the files. */
  readonly listMs: number;
  readonly rebuildMs: number;
  /** One line of 1 kB, the mean and the slowest of 99 %. */
  readonly appendMs: number;
  readonly appendP99Ms: number;
}

const MEGABYTE = 2 ** 20;

/** Runs all of it. */
export function sessionFigures(): SessionFigures {
  const folder = mkdtempSync(path.join(tmpdir(), 'oagent-bench-sessions-'));
  try {
    const plain = path.join(folder, 'plain.jsonl');
    const compacted = path.join(folder, 'compacted.jsonl');
    writeLarge(plain, false);
    writeLarge(compacted, true);
    writeMany(path.join(folder, 'home'), 10_000);
    const part = (name: string, ...args: string[]): { [figure: string]: number } =>
      JSON.parse(execFileSync(process.execPath, [import.meta.filename, name, ...args], { encoding: 'utf8' }));
    const [first, second] = [part('resume', plain), part('resume', compacted)];
    const rebuild = part('list', path.join(folder, 'home'));
    const list = part('list', path.join(folder, 'home'));
    const append = part('append', path.join(folder, 'append.jsonl'));
    return {
      resumeMs: first.ms ?? 0,
      resumePeakBytes: first.peakBytes ?? 0,
      resumeCompactedMs: second.ms ?? 0,
      resumeCompactedPeakBytes: second.peakBytes ?? 0,
      listMs: list.ms ?? 0,
      rebuildMs: rebuild.ms ?? 0,
      appendMs: append.ms ?? 0,
      appendP99Ms: append.p99 ?? 0,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function meta(id: string): SessionMeta {
  return {
    id,
    timestamp: new Date().toISOString(),
    cwd: '/work',
    originator: 'oagent',
    cli_version: '0.0.0',
    rollout_version: 1,
    source: 'cli',
    model_provider: 'ollama',
    base_instructions: { text: 'You are oagent.' },
  };
}

/** Half of the bytes are the model's, half what was shown: 20,000 items of 5 kB. */
function writeLarge(file: string, isCompacted: boolean): void {
  const now = new Date();
  const lines: string[] = [];
  const put = (line: RolloutLine): void => void lines.push(lineText(line, now));
  put({ type: 'session_meta', payload: meta(uuidv7()) });
  const output = `${'src/some/file.ts:12: const value = "é";\n'.repeat(125)}`;
  for (let step = 0; step < 10_000; step += 1) {
    const id = `i${step + 1}`;
    const command = { type: 'command_execution', id, command: 'rg value', cwd: '/work', output } as const;
    const item = { ...command, exitCode: 0, durationMs: 5, status: 'completed' } as const;
    put({
      type: 'response_item',
      payload: { type: 'tool', callId: `c${step}`, name: 'shell', content: output },
    });
    put({ type: 'event_msg', payload: { type: 'item_completed', item_type: item.type, item_id: id, item } });
    if (isCompacted && step % 20 === 19) {
      const summary = { type: 'user', kind: 'note', content: output } as const;
      put({ type: 'compacted', payload: { replacement_history: [summary] } });
    }
  }
  writeFileSync(file, lines.join(''));
}

function writeMany(home: string, count: number): void {
  for (let index = 0; index < count; index += 1) {
    const id = uuidv7();
    const day = new Date(Date.now() - (index % 300) * 86_400_000);
    const file = rolloutPath(home, id, day);
    mkdirSync(path.dirname(file), { recursive: true });
    const item = { type: 'user_message', id: 'i1', text: `Task ${index}` } as const;
    const lines: RolloutLine[] = [
      { type: 'session_meta', payload: meta(id) },
      { type: 'event_msg', payload: { type: 'item_completed', item_type: item.type, item_id: 'i1', item } },
    ];
    writeFileSync(file, lines.map((line) => lineText(line, day)).join(''));
  }
}

function resume(file: string): object {
  const begun = performance.now();
  const { session, lock } = openStored(file);
  const ms = performance.now() - begun;
  if (!lock.isHeld) lock.release();
  const { maxRSS } = process.resourceUsage();
  return { ms, peakBytes: maxRSS * 1024, bytes: statSync(file).size, items: session.items.length };
}

function list(home: string): object {
  const begun = performance.now();
  const count = withCatalog(home, (catalog) => catalog.list().length);
  return { ms: performance.now() - begun, count };
}

async function append(file: string): Promise<object> {
  const writer = new RolloutWriter({ file, warn: (message) => process.stderr.write(message) });
  const payload = { type: 'tool', callId: 'c1', name: 'shell', content: 'x'.repeat(1_000) } as const;
  const times: number[] = [];
  for (let count = 0; count < 5_000; count += 1) {
    const begun = performance.now();
    writer.append(lineText({ type: 'response_item', payload }, new Date()));
    times.push(performance.now() - begun);
  }
  await writer.close();
  times.sort((a, b) => a - b);
  const sum = times.reduce((total, time) => total + time, 0);
  return { ms: sum / times.length, p99: times[Math.floor(times.length * 0.99)] };
}

const [name, target = ''] = process.argv.slice(2);
if (process.argv[1] === import.meta.filename) {
  if (name === 'resume') process.stdout.write(JSON.stringify(resume(target)));
  else if (name === 'list') process.stdout.write(JSON.stringify(list(target)));
  else if (name === 'append') process.stdout.write(JSON.stringify(await append(target)));
  else {
    const figures = sessionFigures();
    const text = Object.entries(figures).map(([key, value]) =>
      key.endsWith('Bytes') ? `${key}: ${(value / MEGABYTE).toFixed(0)} MiB` : `${key}: ${value.toFixed(3)}`,
    );
    process.stdout.write(name === '--json' ? `${JSON.stringify(figures)}\n` : `${text.join('\n')}\n`);
  }
}
