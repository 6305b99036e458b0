/**
 * All that is taken from a rollout: what the user wrote, what was seen to happen, and what others wrote, which proves
 * nothing.
 *
 * Invariant: nothing that an output, a file, a paste or the model said is among the user's words, and no command that one
 * of them asked for is among what happened.
 */
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { checkOf } from '../../context/seen/checks.ts';
import { Facts } from '../../context/seen/facts.ts';
import { isModelRun } from '../../context/seen/item-facts.ts';
import { ownWords } from '../../context/seen/own-words.ts';
import { truncateText } from '../../context/truncate.ts';
import type { Event, Happening, Item } from '../../protocol.ts';
import { readSession } from '../../rollout/reconstruct.ts';
import { allEvents } from '../../rollout/shown.ts';
import { plainText } from '../../text/plain-text.ts';
import { relativePath } from '../../text/relative-path.ts';
import { innerCommand } from '../../text/shell-word.ts';
import { Foreign } from './foreign.ts';
import { hasLiteral, literals } from './words.ts';

export interface Piece {
  readonly from: 'user' | 'assistant' | 'call' | 'output';
  readonly text: string;
}

/** More of an output is not looked at: the model got less. */
const OUTPUT_BYTES = 16_000;
const PIECE_BYTES = 4_000;
/** A path that is a name for somebody to read; a long one can be a sentence. */
const PLAIN_PATH = /^[\w@.+()[\]-]{1,40}(?:\/[\w@.+()[\]-]{1,40}){0,12}$/;
const WORD_BORDER = /[-_.+]/;
const MOST_WORDS = 5;
const PROGRAM_FILE = /\.(?:sh|bash|zsh|fish|bat|cmd|ps1|exe|com|msi|app|run|bin)$|^[^.]*$/i;

export class Evidence {
  readonly cwd: string;
  readonly facts = new Facts();
  readonly pieces: Piece[] = [];
  /** The user's own words, each message by itself. */
  readonly said: string[] = [];
  readonly foreign = new Foreign();
  /** Commands that the user ran, or that nobody else had asked for. */
  readonly commands: string[] = [];
  /** Those of them that succeeded. */
  readonly worked: string[] = [];
  /** As somebody would write them: relative, if they are in the folder of the session. */
  readonly #changed = new Set<string>();
  readonly #looked = new Set<string>();
  #hasActed = false;

  /** @param context what the model was told besides: AGENTS.md, code. */
  constructor(cwd: string, context: readonly string[]) {
    this.cwd = cwd;
    for (const text of context) this.foreign.add(text);
  }

  /** Something was run, looked at or changed. */
  get hasActed(): boolean {
    return this.#hasActed;
  }

  /** Files that were changed, by names that are nothing but names. */
  get changedFiles(): readonly string[] {
    return [...this.#changed];
  }

  /** Whether something named to the letter is the user's, or was seen to happen at nobody's request. */
  knows(literal: string): boolean {
    const wanted = literal.toLowerCase();
    if (this.isSaid(literal)) return true;
    if (this.commands.some((command) => hasLiteral(command.toLowerCase(), wanted))) return true;
    const file = this.#relative(literal.replace(/:\d+(?:[:-]\d+)?$/, '').replace(/^\.\//, ''));
    const ends = (known: string): boolean => known === file || known.endsWith(`/${file}`);
    return [...this.#changed].some(ends) || (!PROGRAM_FILE.test(file) && [...this.#looked].some(ends));
  }

  isSaid(literal: string): boolean {
    const wanted = literal.toLowerCase();
    return this.said.some((words) => hasLiteral(words.toLowerCase(), wanted));
  }

  hear(event: Event | Happening): void {
    this.facts.handle(event);
    switch (event.type) {
      case 'item_completed':
        return this.#completed(event.item);
      case 'approval_resolved':
        if (event.answer.type === 'no' && event.answer.instead !== undefined)
          this.#says(event.answer.instead);
        return;
      case 'retrieved':
        return this.foreign.add(event.text ?? '');
      default:
        return;
    }
  }

  #completed(item: Item): void {
    switch (item.type) {
      case 'user_message':
        return this.#says(item.text);
      case 'agent_message':
        if (item.status === 'completed') this.#piece('assistant', item.text);
        return;
      case 'command_execution':
        return this.#ran(item);
      case 'file_change':
        return this.#edited(item);
      case 'tool_call':
        return this.#called(item);
      case 'plan':
      case 'reasoning':
      // What servers say is no evidence of what the user wants.
      case 'mcp_tool_call':
      case 'task':
        return;
      default:
        item satisfies never;
    }
  }

  #says(text: string): void {
    const { own, pasted } = ownWords(text);
    if (own !== '') this.said.push(own);
    this.foreign.add(pasted);
    this.#piece('user', text);
  }

  #ran(item: Extract<Item, { type: 'command_execution' }>): void {
    const command = plainText(innerCommand(item.command)).trim();
    const isUsers = item.source === 'user';
    this.#hasActed ||= isUsers || isModelRun(item);
    if (isUsers || (isModelRun(item) && this.#isOwnIdea(command))) {
      this.commands.push(command);
      if (item.exitCode === 0) this.worked.push(command);
    }
    this.#piece('call', `${command} (${endOf(item)})`);
    this.#output(item.output);
  }

  /** Neither the command nor anything particular in it was in a text of somebody else's before. */
  #isOwnIdea(command: string): boolean {
    if (this.isSaid(command)) return true;
    const isCheck = checkOf(command) !== undefined;
    const named = literals(command)
      .filter((one) => !/\s/.test(one))
      .flatMap(withValue)
      .filter((one) => !this.isSaid(one));
    const isNamed = named.some((one) => this.foreign.has(one) && !(isCheck && this.#isInside(one)));
    return !isNamed && !this.foreign.asksFor(command);
  }

  #isInside(word: string): boolean {
    return PLAIN_PATH.test(this.#relative(word)) && !/^[a-z]+:/i.test(word) && !word.startsWith('-');
  }

  #edited(item: Extract<Item, { type: 'file_change' }>): void {
    this.#hasActed = true;
    if (item.status === 'completed') {
      for (const change of item.changes) {
        const file = this.#relative(change.movePath ?? change.path);
        if (this.#isName(file)) this.#changed.add(file);
      }
    }
    this.#piece('call', `edit ${item.changes.map(({ path: file }) => this.#relative(file)).join(', ')}`);
  }

  #called({ tool, arguments: args, output, status }: Extract<Item, { type: 'tool_call' }>): void {
    this.#hasActed = true;
    const file = typeof args.path === 'string' ? this.#relative(args.path) : '';
    if (status === 'completed' && this.#isName(file)) this.#looked.add(file);
    this.#piece('call', `${tool} ${JSON.stringify(args)}`);
    this.#output(output);
  }

  #output(text: string): void {
    this.foreign.add(truncateText(text, { limitBytes: OUTPUT_BYTES }).text);
    this.#piece('output', text.trim());
  }

  #piece(from: Piece['from'], text: string): void {
    const limitBytes = from === 'user' ? OUTPUT_BYTES : PIECE_BYTES;
    if (text.trim() !== '') this.pieces.push({ from, text: truncateText(text.trim(), { limitBytes }).text });
  }

  /** Not a sentence written as a name, and none that somebody else told the model to touch. */
  #isName(file: string): boolean {
    const isPlain =
      PLAIN_PATH.test(file) && file.split('/').every((part) => part.split(WORD_BORDER).length <= MOST_WORDS);
    return isPlain && (this.isSaid(file) || !this.foreign.orders(file));
  }

  #relative(file: string): string {
    return path.isAbsolute(file) ? relativePath(file, this.cwd) : path.normalize(file);
  }
}

/** `--option=value`, `user@host`: what is behind the mark may be somebody else's, where it names something. */
function withValue(literal: string): readonly string[] {
  const [, ...values] = literal.split(/[=@]/);
  return [literal, ...values.flatMap(literals)];
}

function endOf({ exitCode, status }: Extract<Item, { type: 'command_execution' }>): string {
  if (status === 'declined') return 'declined by the user';
  return exitCode === null ? 'ended by a signal' : `exit code ${exitCode}`;
}

/** How long a key that is pressed meanwhile waits. */
const PAUSE_MS = 20;

/** @throws RolloutError; the signal's reason. */
export async function readEvidence(rollout: string, signal: AbortSignal): Promise<Evidence> {
  const { cwd, items } = readSession(rollout, { shownItems: 0 });
  const context = items.flatMap((item) =>
    item.type === 'user' && item.kind !== 'prompt' ? [item.content] : [],
  );
  const evidence = new Evidence(cwd, context);
  let paused = performance.now();
  for (const event of allEvents(rollout)) {
    evidence.hear(event);
    if (performance.now() - paused < PAUSE_MS) continue;
    await setImmediate();
    signal.throwIfAborted();
    paused = performance.now();
  }
  return evidence;
}
