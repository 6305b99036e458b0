/**
 * What to do when Ollama does not answer: install it, start it, or say where it is; then try again.
 *
 * Invariant: the address that was tried is shown, and where it came from.
 */
import type { Event, HostAnswer } from '../../protocol.ts';
import { awayText, hostLines } from '../../text/host-lines.ts';
import { oneLine } from '../lines/clean.ts';
import type { LineContext } from '../lines/style.ts';
import { chordOf, type Key } from '../term/keys.ts';
import { dialogLines } from './dialog.ts';
import { moveSelection, optionLines } from './list.ts';
import type { Dialog, Step } from './overlay.ts';
import { hintLine, labelled, titleLines } from './text.ts';

export interface NoServerFacts {
  /** The address that was tried. */
  readonly host: string;
  /** How the configuration calls the server; absent: it is Ollama. */
  readonly name?: string | undefined;
  /** What each of several said. */
  readonly hosts?: readonly HostAnswer[] | undefined;
  /** What went wrong. */
  readonly problem: string;
  /** The address comes from OLLAMA_HOST. */
  readonly isFromEnv: boolean;
  /** As `process.platform`. */
  readonly platform: string;
  /** Whether the program `ollama` is on the PATH; undefined: not known. */
  readonly isInstalled?: boolean;
}

interface NoServerState {
  readonly facts: NoServerFacts;
  readonly selected: number;
  /** It is being tried again. */
  readonly isTrying: boolean;
}

type NoServerResult = 'retry' | 'quit';

const OPTIONS: readonly (readonly [NoServerResult, string])[] = [
  ['retry', 'Try again'],
  ['quit', 'Quit'],
];

export function openNoServer(facts: NoServerFacts): NoServerState {
  return { facts, selected: 0, isTrying: false };
}

/** After `retry`: the dialog stays and says so, until it is closed or opened again. */
export function noServerTrying(state: NoServerState): NoServerState {
  return { ...state, isTrying: true };
}

export function handleNoServerKey(state: NoServerState, key: Key): Step<NoServerState, NoServerResult> {
  // The user can write meanwhile.
  if (key.name === 'text') return { state, goes: 'passed' };
  const moved = moveSelection(key, state.selected, OPTIONS.length);
  if (moved !== undefined) return { state: { ...state, selected: moved } };
  const chord = chordOf(key);
  if (chord === 'ctrl+c' || chord === 'ctrl+d') return { result: 'quit' };
  const chosen = OPTIONS[state.selected]?.[0] ?? 'retry';
  // A second try while one is running would not help.
  return chord !== 'enter' || (state.isTrying && chosen === 'retry') ? { state } : { result: chosen };
}

export function noServerLines(state: NoServerState, ctx: LineContext, maxRows: number): string[] {
  const { style } = ctx;
  const { facts, selected, isTrying } = state;
  const entries = [
    ...cures(facts).map(([label, cure]) => labelled(label, cure, ctx)),
    ...problems(facts).map(([label, text]) =>
      labelled(label, oneLine(text), ctx).map((line) => style.dim(line)),
    ),
    labelled('Without a model', '`oagent demo` shows how it works', ctx).map((line) => style.dim(line)),
  ];
  const title = oneLine(awayText(facts));
  return dialogLines(
    {
      title: titleLines(isTrying ? `${title}; trying again` : title, ctx),
      body: (rows) => wholeEntries(entries, rows),
      options: OPTIONS.map(([, label], index) => optionLines(label, index === selected, ctx)),
      selected,
      hint: hintLine(['↑↓ choose', 'enter select', 'ctrl+c quit'], ctx),
    },
    ctx,
    maxRows,
  );
}

function problems({
  hosts = [],
  problem,
}: NoServerFacts): readonly (readonly [label: string, text: string])[] {
  return hosts.length > 1 ? hostLines(hosts).map((line) => ['Host', line] as const) : [['Problem', problem]];
}

/** The result of another try; it closes when the server answers. */
function noServerHeard(state: NoServerState, event: Event): NoServerState | undefined {
  if (event.type !== 'server_state' || event.state === 'connecting') return state;
  if (event.state !== 'down') return undefined;
  const { message: problem = state.facts.problem, hosts = state.facts.hosts } = event;
  return openNoServer({ ...state.facts, problem, hosts });
}

export const noServerDialog: Dialog<NoServerState, NoServerResult> = {
  handle: handleNoServerKey,
  lines: noServerLines,
  heard: noServerHeard,
  pasted: 'passed',
  ownsLeaving: true,
};

/** Half a command is worse than none; of the first entry there is always something. */
function wholeEntries(entries: readonly (readonly string[])[], rows: number): readonly string[] {
  const [first = [], ...others] = entries;
  const shown = first.slice(0, rows);
  for (const entry of others) {
    if (shown.length + entry.length <= rows) shown.push(...entry);
  }
  return shown;
}

/** What to do, the likeliest cure first. */
export function cures({
  name,
  isInstalled,
  isFromEnv,
  platform,
}: Omit<NoServerFacts, 'host' | 'problem'>): [string, string][] {
  if (name !== undefined) {
    const address = 'correct the `base_url` of its provider in config.toml, then restart oagent';
    return [
      ['Start it', 'start that server with its model; oagent keeps trying'],
      ['Change the address', address],
    ];
  }
  const start: [string, string] = ['Start it', startOf(platform)];
  const install: [string, string] = ['Install it', installOf(platform)];
  const elsewhere: [string, string] = isFromEnv
    ? ['Change the address', 'it comes from OLLAMA_HOST; correct or unset it, then restart oagent']
    : ['Use another address', 'set OLLAMA_HOST, then restart oagent'];
  if (isFromEnv) return [elsewhere, start, ...(isInstalled === false ? [install] : [])];
  if (isInstalled === undefined) return [start, install, elsewhere];
  return isInstalled ? [start, elsewhere] : [install, start, elsewhere];
}

function startOf(platform: string): string {
  switch (platform) {
    case 'darwin':
      return 'open the Ollama app, or run `ollama serve` in another terminal';
    case 'win32':
      return 'start Ollama from the Start menu, or run `ollama serve` in another terminal';
    default:
      return 'run `ollama serve` in another terminal, or `systemctl start ollama`';
  }
}

function installOf(platform: string): string {
  switch (platform) {
    case 'darwin':
      return '`brew install ollama`, or https://ollama.com/download';
    case 'linux':
      return '`curl -fsSL https://ollama.com/install.sh | sh`';
    default:
      return 'https://ollama.com/download';
  }
}
