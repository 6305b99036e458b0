/**
 * `oagent memories`: what is remembered of earlier sessions. Results go to stdout, everything else to stderr.
 *
 * What is remembered is foreign text and is sanitised before a terminal gets it.
 */
import path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { printable } from '../../config/errors.ts';
import { userHome } from '../../config/home.ts';
import { setMemoriesIn } from '../../config/set-memories.ts';
import { memoriesOffIn, projectRoot } from '../../config/trust.ts';
import type { MemoryItem } from '../../memory/manage/items.ts';
import { Memories } from '../../memory/manage/memories.ts';
import { day } from '../../memory/render/quoted.ts';
import { memoryRights } from '../../session/memories.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { decodeText } from '../../text/decode.ts';
import { plural } from '../../text/digits.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { oneLine } from '../../tui/lines/clean.ts';
import { readStdin } from '../exec/prompt-input.ts';

export type MemoriesAction =
  | { readonly name: 'list'; readonly json?: boolean }
  | { readonly name: 'show' | 'forget' | 'add' | 'migrate'; readonly what: string }
  | { readonly name: 'rebuild' | 'on' | 'off' | 'path' };

type MemoriesPlan = Pick<SessionPlan, 'cwd' | 'home' | 'env' | 'loaded' | 'isEphemeral' | 'isIncognito'>;

const TEXT_WIDTH = 100;

const out = (line: string): void => void process.stdout.write(`${line}\n`);
const note = (line: string): void => void process.stderr.write(`${line}\n`);

/** @returns the exit code. @throws Error */
export async function memoriesCommand(action: MemoriesAction, plan: MemoriesPlan): Promise<number> {
  const memories = new Memories(plan.home, (line) => note(`warning: ${sanitizeForTerminal(line)}`));
  switch (action.name) {
    case 'list':
      return list(memories, plan, action.json ?? false);
    case 'show':
      return show(memories, plan, action.what);
    case 'add':
      return add(memories, action.what === '-' ? await textOfStdin() : action.what);
    case 'forget':
      return forget(memories, plan, action.what);
    case 'rebuild':
      return rebuild(memories);
    case 'migrate':
      return migrate(memories, path.resolve(plan.cwd, action.what));
    case 'on':
    case 'off':
      return switchFolder(plan, action.name === 'on');
    case 'path':
      out(sanitizeForTerminal(memories.folder.root));
      return 0;
    default:
      return action satisfies never;
  }
}

function list(memories: Memories, plan: MemoriesPlan, isJson: boolean): number {
  const items = memories.list();
  if (isJson) {
    out(jsonText(items.map(asJson), 2));
    return 0;
  }
  for (const [kind, title] of TITLES) {
    const rows = items.filter((item) => item.kind === kind);
    if (rows.length > 0) out([`${title}:`, ...rows.map((item) => `  ${rowOf(item, plan)}`)].join('\n'));
  }
  if (items.length === 0) note('Nothing is remembered yet.');
  const { why } = memoryRights(plan);
  if (why !== undefined) note(`Memories are limited in this folder: ${sanitizeForTerminal(why)}.`);
  return 0;
}

const TITLES = [
  ['note', 'Your notes'],
  ['line', 'Lines of the handbook'],
  ['session', 'Sessions'],
] as const;

/** Times as RFC 3339. */
function asJson({ dated, isTrusted, ...rest }: MemoryItem): object {
  return { ...rest, dated: new Date(dated).toISOString(), trusted: isTrusted };
}

function rowOf(item: MemoryItem, plan: MemoriesPlan): string {
  const text = oneLine(item.text);
  const short = text.length > TEXT_WIDTH ? `${text.slice(0, TEXT_WIDTH - 1).toWellFormed()}…` : text;
  const where = item.folder === '' ? '' : `${shortFolder(item.folder, plan)}  `;
  const date = item.kind === 'note' ? '' : `${day(item.dated)}  `;
  return `${oneLine(item.id).padStart(4)}  ${date}${where}${short}${item.isTrusted ? '' : ' (not trusted)'}`;
}

function shortFolder(folder: string, { env }: MemoriesPlan): string {
  const home = userHome(env);
  const isBelow = home !== undefined && (folder === home || folder.startsWith(`${home}/`));
  return oneLine(isBelow ? `~${folder.slice(home.length)}` : folder);
}

function show(memories: Memories, plan: MemoriesPlan, what: string): number {
  const file = memories.file(what);
  if (file !== undefined) {
    out(sanitizeForTerminal(file).trimEnd());
    return 0;
  }
  const items = memories.meant(what).filter(({ dated }) => dated > 0);
  const [item] = items;
  if (item === undefined) return nothing(what);
  if (items.length > 1) return several(items, plan, 'Name one of them by its id.');
  out(details(item).join('\n'));
  const path = item.kind === 'session' ? `rollout_summaries/${item.id}.md` : item.id;
  const text = item.kind === 'line' ? undefined : memories.file(path);
  if (text !== undefined) out(`\n${sanitizeForTerminal(text).trimEnd()}`);
  return 0;
}

function details(item: MemoryItem): string[] {
  const rows: [string, string][] = [
    [item.kind, item.id],
    ['text', item.text],
    ['topic', item.topic ?? ''],
    ['date', day(item.dated)],
    ['folder', item.folder],
    ['trusted', item.isTrusted ? 'yes' : 'no'],
    ['sessions', item.threads.join(', ')],
  ];
  return rows.filter(([, value]) => value !== '').map(([name, value]) => `${name}: ${oneLine(value)}`);
}

function add(memories: Memories, text: string): number {
  const { name, isMasked } = memories.add(text);
  if (isMasked) note('warning: what looked like a secret in it is masked');
  out(`Remembered: notes/${name}`);
  return 0;
}

async function textOfStdin(): Promise<string> {
  const decoded = decodeText(await readStdin(process.stdin));
  if (!decoded.ok) throw new Error(`stdin cannot be read as text: ${decoded.problem}`);
  return decoded.text;
}

async function forget(memories: Memories, plan: MemoriesPlan, what: string): Promise<number> {
  const items = memories.meant(what);
  if (items.length === 0) return nothing(what);
  if (items.length > 1 && !(await isSure(items, plan))) return 1;
  const { lines, sessions, notes } = memories.forget(items);
  const gone = new Set(lines.map((line) => oneLine(line)));
  for (const line of gone) out(`Forgot: ${line}`);
  // It was not in the handbook yet.
  for (const { kind, text } of items)
    if (kind === 'line' && !gone.has(oneLine(text))) out(`Forgot: ${oneLine(text)}`);
  for (const id of sessions) out(`Forgot what session ${id} taught; it is not read again.`);
  for (const name of notes) out(`Deleted your note notes/${oneLine(name)}`);
  return 0;
}

function nothing(what: string): number {
  note(`Error: nothing that is remembered matches "${printable(what)}". All of it: oagent memories list`);
  return 1;
}

function several(items: readonly MemoryItem[], plan: MemoriesPlan, cure: string): number {
  note(`Error: ${items.length} match. ${cure}`);
  for (const item of items) note(`  ${rowOf(item, plan)}`);
  return 1;
}

async function isSure(items: readonly MemoryItem[], plan: MemoriesPlan): Promise<boolean> {
  if (!process.stdin.isTTY) {
    several(items, plan, 'There is no terminal to ask on: name one of them by its id or its text.');
    return false;
  }
  for (const item of items) note(`  ${rowOf(item, plan)}`);
  const asking = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await asking.question(`Forget all ${items.length}? [y/N] `);
  asking.close();
  return /^y(es)?$/i.test(answer.trim());
}

function rebuild(memories: Memories): number {
  const { written, removed, unchanged } = memories.rebuild();
  for (const file of written) out(`Wrote ${oneLine(file)}`);
  for (const file of removed) out(`Removed ${oneLine(file)}`);
  const total = written.length + unchanged;
  out(
    total === 0
      ? 'Nothing is remembered yet.'
      : `${plural(unchanged, 'file')} of ${total} already up to date.`,
  );
  return 0;
}

function migrate(memories: Memories, from: string): number {
  const { migrated, problems } = memories.migrate(from);
  for (const problem of problems) note(`warning: left out: ${oneLine(problem)}`);
  const { lines, sessions, skills, skipped } = migrated;
  const taken = [plural(lines, 'line'), plural(sessions, 'session'), plural(skills, 'skill')].join(', ');
  const known = skipped === 0 ? '' : ` ${skipped} were already here or are forgotten.`;
  out(`Took over ${taken}.${known} ${oneLine(from)} stays as it is.`);
  return 0;
}

function switchFolder({ cwd, home, loaded }: MemoriesPlan, isOn: boolean): number {
  const { config } = loaded;
  const folder = projectRoot(config, cwd);
  const isOff = memoriesOffIn(config, folder) !== undefined;
  if (isOff === isOn) setMemoriesIn(home, folder, isOn);
  out(`Memories are ${isOn ? 'on' : 'off'} in ${oneLine(folder)} and below it.`);
  if (isOn && !config.memories.enabled)
    note('warning: memories.enabled is false, so they are off everywhere');
  return 0;
}
