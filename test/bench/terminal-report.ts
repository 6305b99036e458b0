/**
 * The terminal's figures as Markdown, beside the targets and a raw program that writes the same text.
 *
 * Owns: these targets. Does not: measure (terminal-scenes.ts).
 */
import { count, judged, mb, ms, ratio, table, type Verdict } from './report-table.ts';
import type { Echoes, StreamFigures, TerminalScenes } from './terminal-scenes.ts';

type Of<Name extends 'idle' | 'calls' | 'items' | 'output' | 'paste' | 'rawEcho'> = Awaited<
  ReturnType<TerminalScenes[Name]>
>;

export interface TerminalResults {
  readonly rounds: number;
  /** Medians. */
  readonly firstFrameMs: number;
  readonly bareNodeMs: number;
  readonly idle: Of<'idle'>;
  readonly rawEcho: Of<'rawEcho'>;
  readonly waitingPercent: number;
  readonly slow: StreamFigures;
  readonly fast: StreamFigures;
  readonly atOnce: StreamFigures;
  readonly raw: {
    readonly slow: StreamFigures;
    readonly fast: StreamFigures;
    readonly atOnce: StreamFigures;
  };
  readonly calls: Of<'calls'>;
  readonly sandboxedCalls: Of<'calls'>;
  readonly items: Of<'items'>;
  readonly output: Of<'output'>;
  readonly paste: Of<'paste'>;
}

/** Judges what has a target. */
export function terminalVerdicts(results: TerminalResults) {
  const { slow, fast, calls, items, idle, output, paste, rawEcho } = results;
  const start = results.firstFrameMs / results.bareNodeMs;
  const idleWork = idle.bytes + idle.cpuMs;
  const pasteMs = paste.ms - rawEcho.pasteMs;
  return {
    start: verdict('first frame / node', start, '<= 3.5', start <= 3.5),
    slow: verdict('5,000 tokens at 200/s, CPU ms', slow.cpuMs, '< 2,100', slow.cpuMs < 2_100),
    slowBytes: verdict('5,000 tokens at 200/s, bytes', slow.bytes, '< 150,000', slow.bytes < 150_000),
    waiting: verdict('waiting, % of a core', results.waitingPercent, '<= 1', results.waitingPercent <= 1),
    fast: verdict('2,000 tokens/s, lag ms', fast.lagMs ?? 0, '< 100', (fast.lagMs ?? 0) < 100),
    calls: verdict('200 tool calls, CPU ms', calls.cpuMs, '< 3,000', calls.cpuMs < 3_000),
    items: verdict('2,000 items, % of a core', items.percent, '< 5', items.percent < 5),
    memory: verdict('2,000 items, RSS', items.rss / 1e6, '< 160', items.rss < 160e6),
    echo: verdict('2,000 items, echo ms', items.echoes.median, '< 16', items.echoes.median < 16),
    idle: verdict('idle, bytes + CPU ms', idleWork, '0', idleWork === 0),
    output: verdict(
      '10 MB of output, longest wait of a key, ms',
      output.echoes.max,
      '< 50',
      output.echoes.max < 50,
    ),
    paste: verdict('1 MB paste beyond the raw program, ms', pasteMs, '< 50', pasteMs < 50),
  } satisfies { [figure: string]: Verdict };
}

/** The section "In the terminal". */
export function terminalReport(results: TerminalResults): string {
  const { idle, rawEcho, slow, fast, atOnce, raw, calls, sandboxedCalls, items, output, paste } = results;
  const verdicts = terminalVerdicts(results);
  const stream = (of: StreamFigures): string => `${count(of.cpuMs)} / ${count(of.bytes / 1_000)}`;
  const rows = [
    [
      'first frame, ms',
      ms(results.bareNodeMs),
      ms(results.firstFrameMs),
      ratio(verdicts.start.value),
      ...judged(verdicts.start),
    ],
    ['key to echo, median / p95, ms', echo(rawEcho.echoes), echo(idle.echoes)],
    ['… with 2,000 items', '', echo(items.echoes), '', ...judged(verdicts.echo)],
    [
      '5,000 tokens at 200/s: CPU ms / kB',
      stream(raw.slow),
      stream(slow),
      ratio(slow.cpuMs / raw.slow.cpuMs),
      `${verdicts.slow.target}, ${verdicts.slowBytes.target}`,
      judged({ ...verdicts.slow, met: verdicts.slow.met && verdicts.slowBytes.met })[1],
    ],
    ['… frames', '', count(slow.frames)],
    ['… last token to last word, ms', '', ms(slow.lagMs ?? 0)],
    [
      '5,000 tokens at 2,000/s: CPU ms / kB',
      stream(raw.fast),
      stream(fast),
      ratio(fast.cpuMs / raw.fast.cpuMs),
    ],
    ['… last token to last word, ms', '', ms(fast.lagMs ?? 0), '', ...judged(verdicts.fast)],
    [
      '5,000 tokens at once: CPU ms / kB',
      stream(raw.atOnce),
      stream(atOnce),
      ratio(atOnce.cpuMs / raw.atOnce.cpuMs),
    ],
    ['… last token to last word, ms', '', ms(atOnce.lagMs ?? 0)],
    [
      'waiting for the model, % of a core',
      '',
      results.waitingPercent.toFixed(1),
      '',
      ...judged(verdicts.waiting),
    ],
    ['200 tool calls: wall s', '', (calls.wallMs / 1_000).toFixed(1)],
    ['… CPU ms', '', count(calls.cpuMs), '', ...judged(verdicts.calls)],
    [
      '… in the sandbox: wall s / CPU ms',
      '',
      `${(sandboxedCalls.wallMs / 1_000).toFixed(1)} / ${count(sandboxedCalls.cpuMs)}`,
    ],
    ['2,000 items, then waiting: % of a core', '', items.percent.toFixed(1), '', ...judged(verdicts.items)],
    ['… RSS, MB', '', mb(items.rss), '', ...judged(verdicts.memory)],
    [
      'idle 5 s: bytes / CPU ms / wake-ups',
      '',
      `${idle.bytes} / ${idle.cpuMs} / ${idle.sleeps}`,
      '',
      ...judged(verdicts.idle),
    ],
    ['RSS after start / after 200 calls, MB', '', `${mb(idle.startRss)} / ${mb(calls.rss)}`],
    ['10 MB of output: longest key to echo, ms', '', ms(output.echoes.max), '', ...judged(verdicts.output)],
    [
      '1 MB paste to the echo of the next key, ms',
      ms(rawEcho.pasteMs),
      ms(paste.ms),
      '',
      '< 50 more',
      judged(verdicts.paste)[1],
    ],
  ];
  return [
    `In the terminal (pty 100x30; medians of ${results.rounds} rounds for the first frame, the rest once):`,
    '',
    table(['', 'raw program', 'oagent', 'ratio', 'target', ''], rows),
    '',
    '- The raw program writes the same text at the same pace, or gives back each key; it speaks to no server.',
    '- CPU: the process, its threads and the commands it ran, in ticks of 10 ms, from Enter on.',
  ].join('\n');
}

function echo({ median, p95 }: Echoes): string {
  return `${ms(median)} / ${ms(p95)}`;
}

function verdict(name: string, value: number, target: string, met: boolean): Verdict {
  return { name, value, target, met };
}
