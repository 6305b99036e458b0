/**
 * Events as text for a person: everything on stderr, in the order it happens.
 *
 * Invariants: foreign text is sanitised before it is written; colour only where it was allowed; silence of the model
 * is explained every half minute. Does not: write the final message to stdout (exec.ts).
 */
import type { Event, FileChange, Item, ModelPhase, PlanStep } from '../protocol.ts';
import { groupDigits } from '../text/digits.ts';
import { sanitizeForTerminal } from '../text/sanitize.ts';

export interface HumanOptions {
  readonly write: (text: string) => void;
  readonly color: boolean;
  /** Answers and thinking appear line by line as they come, instead of whole. */
  readonly live: boolean;
}

/** What is said in front of the first turn. */
export interface Header {
  readonly version: string;
  readonly lines: readonly (readonly [name: string, value: string])[];
}

/** An answer or a thought while it comes. */
interface LiveText {
  readonly isThinking: boolean;
  text: string;
  /** Characters of `text` that have been written. */
  shown: number;
}

const PHASE_TEXT: { readonly [P in ModelPhase]?: string } = {
  loading: 'loading the model…',
  reading: 'the model is reading the prompt…',
};

/** How long the model may be silent before we say so. */
const SILENCE_MS = 30_000;

/** A command's output beyond this many lines is left out on the screen; the JSON form has all of it. */
const MAX_OUTPUT_LINES = 200;

/** Why a call was rejected is told to the model in full; the person needs the first lines. */
const MAX_REJECTION_LINES = 20;

export class HumanEvents {
  readonly #options: HumanOptions;
  /** The open answers and thoughts that are shown as they come, by item id. */
  readonly #open = new Map<string, LiveText>();
  /** The one of them that was heard last. */
  #speaking: LiveText | undefined;
  /** The command whose heading is the last thing that was written, by item id. */
  #headed: string | undefined;
  #silence: NodeJS.Timeout | undefined;
  #silentFor = 0;
  #phase: ModelPhase | undefined;

  constructor(options: HumanOptions) {
    this.#options = options;
  }

  header(header: Header): void {
    const width = Math.max(...header.lines.map(([name]) => name.length));
    this.#line(`oagent v${header.version}`);
    this.#line('--------');
    for (const [name, value] of header.lines) {
      this.#line(
        `${this.#bold(`${name}:`)}${' '.repeat(width - name.length + 1)}${sanitizeForTerminal(value)}`,
      );
    }
    this.#line('--------');
  }

  handle(event: Event): void {
    this.#watchSilence(event);
    switch (event.type) {
      case 'item_started':
        return this.#started(event.item);
      case 'item_delta':
        return this.#delta(event.itemId, event.text);
      case 'item_completed':
        return this.#completed(event.item);
      case 'model_phase': {
        this.#phase = event.phase;
        const text = PHASE_TEXT[event.phase];
        return text === undefined ? undefined : this.#line(this.#dim(text));
      }
      case 'call_rejected':
        this.#line(`${this.#paint('35', clean(event.tool))} ${this.#paint('31', 'rejected')}`);
        return this.#text(clip(event.message, MAX_REJECTION_LINES));
      case 'repaired':
        this.#finishLine();
        return this.#line(this.#dim(`repaired: ${clean(event.message)}`));
      case 'retry':
        return this.#line(
          this.#paint('33', `Reconnecting... ${event.attempt}/${event.max} (${clean(event.reason)})`),
        );
      case 'warning':
        return this.#line(this.#paint('33', `warning: ${clean(event.message)}`));
      case 'turn_failed':
        return this.#line(this.#paint('31', `ERROR: ${clean(event.message)}`));
      case 'turn_aborted':
        return this.#line('turn interrupted');
      case 'turn_completed': {
        const { inputTokens, cachedInputTokens, outputTokens } = event.usage;
        this.#line(this.#dim('tokens used'));
        return this.#line(groupDigits(inputTokens - cachedInputTokens + outputTokens));
      }
      case 'session_configured':
      case 'turn_started':
      case 'token_count':
        return;
      default:
        event satisfies never;
    }
  }

  /** Stops the clock that watches for silence. */
  close(): void {
    clearInterval(this.#silence);
  }

  #started(item: Item): void {
    switch (item.type) {
      case 'user_message':
        return this.#block(this.#paint('36', 'user'), item.text);
      case 'command_execution':
        return this.#commandHeading(item);
      case 'agent_message':
      case 'reasoning':
        if (!this.#options.live) return;
        this.#open.set(item.id, { isThinking: item.type === 'reasoning', text: '', shown: 0 });
        return;
      case 'file_change':
      case 'tool_call':
      case 'plan':
        return;
      default:
        item satisfies never;
    }
  }

  #delta(id: string, text: string): void {
    const open = this.#open.get(id);
    if (!open) return;
    if (this.#speaking !== open) {
      this.#finishLine();
      this.#speaking = open;
      this.#speakerHeading(open.isThinking);
    }
    open.text += text;
    const end = open.text.lastIndexOf('\n');
    if (end < open.shown) return;
    this.#spoken(open.text.slice(open.shown, end), open.isThinking);
    open.shown = end + 1;
  }

  /** Writes what has come of a line that is not complete: something else is said now. */
  #finishLine(): void {
    const open = this.#speaking;
    if (!open) return;
    const rest = open.text.slice(open.shown);
    open.shown = open.text.length;
    this.#speaking = undefined;
    if (rest.trim() !== '') this.#spoken(rest, open.isThinking);
  }

  #completed(item: Item): void {
    switch (item.type) {
      case 'agent_message':
      case 'reasoning':
        return this.#answer(item);
      case 'command_execution': {
        // Commands that only read run side by side: the end must say whose it is.
        if (this.#headed !== item.id) this.#commandHeading(item);
        const ms = Math.round(item.durationMs);
        const how =
          item.status === 'declined'
            ? 'declined'
            : `${item.exitCode === 0 ? 'succeeded' : `exited ${item.exitCode ?? 'by a signal'}`} in ${ms}ms:`;
        this.#line(this.#paint(item.exitCode === 0 ? '32' : '31', ` ${how}`));
        return this.#text(clip(item.output));
      }
      case 'file_change':
        this.#line(this.#paint('35', 'apply patch'));
        this.#line(this.#paint(item.status === 'completed' ? '32' : '31', `patch: ${item.status}`));
        for (const change of item.changes) this.#change(change);
        return item.status === 'completed' ? undefined : this.#text(item.output);
      case 'tool_call':
        return this.#line(
          `${this.#paint('35', item.tool)} ${clean(JSON.stringify(item.arguments))} ${this.#dim(outcome(item))}`,
        );
      case 'plan':
        this.#line(this.#paint('35', 'plan'));
        if (item.explanation) this.#text(item.explanation);
        for (const step of item.steps) this.#line(`  ${MARKS[step.status]} ${clean(step.step)}`);
        return;
      case 'user_message':
        return;
      default:
        item satisfies never;
    }
  }

  #answer(item: Extract<Item, { type: 'agent_message' | 'reasoning' }>): void {
    const open = this.#open.get(item.id);
    this.#open.delete(item.id);
    if (open) {
      if (this.#speaking === open) this.#finishLine();
      return;
    }
    if (item.status !== 'completed' || item.text.trim() === '') return;
    this.#speakerHeading(item.type === 'reasoning');
    this.#spoken(item.text.trimEnd(), item.type === 'reasoning');
  }

  #speakerHeading(isThinking: boolean): void {
    this.#line(isThinking ? this.#dim('thinking') : this.#paint('36', 'oagent'));
  }

  #spoken(text: string, isThinking: boolean): void {
    this.#line(isThinking ? this.#dim(clean(text)) : clean(text));
  }

  #commandHeading(item: Extract<Item, { type: 'command_execution' }>): void {
    this.#line(this.#paint('35', 'exec'));
    this.#line(`${this.#bold(clean(item.command))} in ${clean(item.cwd)}`);
    this.#headed = item.id;
  }

  #change(change: FileChange): void {
    const target = change.movePath === undefined ? '' : ` -> ${change.movePath}`;
    this.#line(this.#bold(clean(`${change.kind} ${change.path}${target}`)));
    for (const line of clip(change.diff.trimEnd()).split('\n')) {
      const code = line.startsWith('+')
        ? '32'
        : line.startsWith('-')
          ? '31'
          : line.startsWith('@@')
            ? '36'
            : '';
      this.#line(code === '' ? clean(line) : this.#paint(code, clean(line)));
    }
  }

  #watchSilence(event: Event): void {
    this.#silentFor = 0;
    clearInterval(this.#silence);
    const isWaiting =
      event.type === 'model_phase' || (event.type === 'item_delta' && this.#phase !== undefined);
    if (!isWaiting) return;
    this.#silence = setInterval(() => {
      this.#silentFor += SILENCE_MS;
      this.#line(this.#dim(`nothing from the model for ${this.#silentFor / 1000} s; Ctrl+C interrupts`));
    }, SILENCE_MS);
    this.#silence.unref();
  }

  #block(title: string, text: string): void {
    this.#line(title);
    this.#line(clean(text.trimEnd()));
  }

  #text(text: string): void {
    if (text.trim() !== '') this.#line(clean(text.trimEnd()));
  }

  #line(text: string): void {
    this.#headed = undefined;
    this.#options.write(`${text}\n`);
  }

  #bold(text: string): string {
    return this.#paint('1', text);
  }

  #dim(text: string): string {
    return this.#paint('2', text);
  }

  #paint(code: string, text: string): string {
    return this.#options.color ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

const MARKS: { readonly [S in PlanStep['status']]: string } = {
  completed: '✔',
  in_progress: '▸',
  pending: '□',
};

const clean = sanitizeForTerminal;

function outcome(item: Extract<Item, { type: 'tool_call' }>): string {
  if (item.status !== 'completed') return clean(item.output.split('\n')[0] ?? '');
  const lines = item.output.split('\n').length;
  return `${lines} line${lines === 1 ? '' : 's'}`;
}

function clip(text: string, maxLines = MAX_OUTPUT_LINES): string {
  const lines = text.split('\n');
  if (lines.length <= maxLines) return text;
  const half = maxLines / 2;
  const left = lines.length - maxLines;
  return [...lines.slice(0, half), `… +${left} lines`, ...lines.slice(-half)].join('\n');
}
