/** Events as text for a person. Foreign text is sanitised before it is written. */

import type { ModelPhase } from '../../protocol/requests.ts';
import type { RecalledMemory } from '../../protocol/sessions.ts';
import type { Event, FileChange, Item, PlanStep } from '../../protocol.ts';
import { asToolCallItem } from '../../text/as-tool-call.ts';
import { BY_WORDS } from '../../text/by-words.ts';
import { groupDigits, plural } from '../../text/digits.ts';
import { evidenceLine } from '../../text/evidence-line.ts';
import { hookText, imageText, skillText } from '../../text/extension-text.ts';
import { memorySource } from '../../text/memory-source.ts';
import { queueText } from '../../text/queue-text.ts';
import { reasonForUser, rejectionHead } from '../../text/rejection.ts';
import { taskFigures } from '../../text/task-steps.ts';
import { thinkingStoppedText } from '../../text/thinking-stopped.ts';
import { compactedText, retryText } from './event-text.ts';
import { clean, clip, LineWriter } from './line-writer.ts';
import { heading, LiveAnswers, spoken } from './live-answers.ts';
import { SilenceWatch } from './silence.ts';

export interface HumanOptions {
  readonly write: (text: string) => void;
  readonly color: boolean;
  /** Answers and thinking appear line by line as they arrive, instead of whole. */
  readonly live: boolean;
}

/** What is printed before the first turn. */
export interface Header {
  readonly version: string;
  readonly lines: readonly (readonly [name: string, value: string])[];
}

type CommandItem = Extract<Item, { type: 'command_execution' }>;
type ToolItem = Extract<Item, { type: 'tool_call' }>;

const PHASE_TEXT: { readonly [P in ModelPhase]?: string } = {
  loading: 'loading the model…',
  reading: 'the model is reading the prompt…',
  compacting: 'the context window is full: summarising the conversation…',
};

const MARKS: { readonly [S in PlanStep['status']]: string } = {
  completed: '✔',
  in_progress: '▸',
  pending: '□',
};

/** Longer command output is cut on the screen; the JSON form has all of it. */
const MAX_OUTPUT_LINES = 200;

/** The model gets the whole reason for a rejected call; the person needs the first lines. */
const MAX_REJECTION_LINES = 20;

export class HumanEvents {
  readonly #out: LineWriter;
  readonly #isLive: boolean;
  readonly #answers: LiveAnswers;
  readonly #silence: SilenceWatch;
  /** Item id of the command whose heading was written last, with nothing after it. */
  #headed: string | undefined;
  /** The last phase that was reported, and how many requests were before it. */
  #phase: string | undefined;

  constructor({ write, color, live }: HumanOptions) {
    const out = new LineWriter((text) => {
      this.#headed = undefined;
      write(text);
    }, color);
    this.#out = out;
    this.#isLive = live;
    this.#answers = new LiveAnswers(out);
    this.#silence = new SilenceWatch((seconds) =>
      out.line(out.dim(`nothing from the model for ${seconds} s; Ctrl+C interrupts`)),
    );
  }

  header({ version, lines }: Header): void {
    const out = this.#out;
    out.line(`oagent v${version}`);
    out.line('--------');
    for (const [name, value] of lines) out.line(`${out.bold(`${name}:`)} ${clean(value)}`);
    out.line('--------');
  }

  handle(event: Event): void {
    const out = this.#out;
    this.#silence.handle(event);
    switch (event.type) {
      case 'item_started':
        return this.#started(event.item);
      case 'item_delta':
        return this.#answers.add(event.itemId, event.text);
      case 'item_completed':
        return this.#completed(event.item);
      case 'model_phase': {
        const key = `${event.phase} ${event.before ?? ''}`;
        const text = key === this.#phase ? undefined : phaseText(event);
        this.#phase = key;
        return text === undefined ? undefined : out.line(out.dim(text));
      }
      case 'call_rejected':
        out.line(out.paint('red', `${clean(rejectionHead(event.tool))}:`));
        return out.text(clip(reasonForUser(event.message), MAX_REJECTION_LINES));
      case 'repaired':
        this.#answers.finishLine();
        return out.line(out.dim(`${event.isNotice ? '' : 'repaired: '}${clean(event.message)}`));
      case 'thinking_stopped':
        this.#answers.finishLine();
        return out.line(out.dim(thinkingStoppedText(event)));
      case 'retry':
        return out.line(out.paint('yellow', clean(retryText(event))));
      case 'warning':
        return out.line(out.paint('yellow', `warning: ${clean(event.message)}`));
      case 'retrieved': {
        if (event.isLate)
          return out.line(out.dim('retrieved nothing: the search of the index took too long'));
        const places = event.places.map(({ path, start, end }) => `${clean(path)}:${start}-${end}`);
        const how = event.isByWords ? ` ${BY_WORDS}` : '';
        return out.line(out.dim(`retrieved ${places.join(', ') || 'nothing'}${how}`));
      }
      case 'recalled':
        return out.line(out.dim(fromMemory(event.memories)));
      case 'compacted':
        return out.line(out.dim(compactedText(event)));
      case 'skill_used':
        return out.line(out.dim(skillText(event)));
      case 'image_described':
        return out.line(out.dim(clean(imageText(event))));
      case 'hook_ran':
        return out.text(hookText(event));
      case 'turn_failed':
        out.line(out.paint('red', `ERROR: ${clean(event.message)}`));
        return out.line(clean(evidenceLine(event.evidence)));
      case 'turn_aborted':
        return out.line('turn interrupted');
      case 'turn_completed': {
        const { inputTokens, cachedInputTokens, outputTokens } = event.usage;
        out.line(out.dim('tokens used'));
        out.line(groupDigits(inputTokens - cachedInputTokens + outputTokens));
        return out.line(clean(evidenceLine(event.evidence)));
      }
      case 'session_configured':
      case 'model_led':
      case 'turn_started':
      case 'token_count':
      case 'approval_requested':
      case 'approval_resolved':
      case 'queue_changed':
      case 'unqueued':
      case 'permissions_changed':
      case 'plan_written':
      case 'rolled_back':
      case 'server_state':
      case 'models':
      case 'pull_progress':
      case 'pull_ended':
      case 'background_changed':
      case 'sessions':
      case 'session_resumed':
      case 'session_renamed':
      case 'rewind_points':
      case 'rewound':
      case 'index_status':
      case 'index_progress':
      case 'incognito':
      case 'memory_progress':
      case 'mcp_servers':
      case 'custom_commands':
        return;
      case 'task_step':
        return this.#step(event.step);
      default:
        event satisfies never;
    }
  }

  /** Stops the clock that watches for silence. */
  close(): void {
    this.#silence.stop();
  }

  #started(item: Item): void {
    switch (item.type) {
      case 'user_message':
        this.#out.line(this.#out.paint('cyan', 'user'));
        return this.#out.line(clean(item.text.trimEnd()));
      case 'command_execution':
        return this.#commandHeading(item);
      case 'agent_message':
      case 'reasoning':
        if (this.#isLive) this.#answers.open(item.id, item.type === 'reasoning');
        return;
      case 'file_change':
      case 'tool_call':
      case 'mcp_tool_call':
      case 'plan':
        return;
      case 'task':
        this.#out.line(this.#out.paint('magenta', 'sub-agent'));
        return this.#out.text(item.prompt);
      default:
        item satisfies never;
    }
  }

  #completed(item: Item): void {
    const out = this.#out;
    switch (item.type) {
      case 'agent_message':
      case 'reasoning': {
        if (this.#answers.close(item.id) || item.status !== 'completed' || item.text.trim() === '') return;
        heading(out, item.type === 'reasoning');
        return spoken(out, item.text.trimEnd(), item.type === 'reasoning');
      }
      case 'command_execution':
        return this.#commandEnd(item);
      case 'file_change':
        out.line(out.paint('magenta', 'apply patch'));
        out.line(out.paint(item.status === 'completed' ? 'green' : 'red', `patch: ${item.status}`));
        for (const change of item.changes) this.#change(change);
        return item.status === 'completed' ? undefined : out.text(item.output);
      case 'tool_call': {
        const call = `${out.paint('magenta', item.tool)} ${clean(JSON.stringify(item.arguments))}`;
        return out.line(`${call} ${out.dim(outcome(item))}`);
      }
      case 'mcp_tool_call':
        return this.#completed(asToolCallItem(item));
      case 'task':
        out.line(out.dim(`sub-agent ${item.status}: ${taskFigures(item)}`));
        return out.text(item.output);
      case 'plan':
        out.line(out.paint('magenta', 'plan'));
        if (item.explanation) out.text(item.explanation);
        for (const step of item.steps) out.line(`  ${MARKS[step.status]} ${clean(step.step)}`);
        return;
      case 'user_message':
        return;
      default:
        item satisfies never;
    }
  }

  /** Of a sub-agent, in one line when it has ended. */
  #step(step: Item): void {
    if (step.type === 'command_execution' && step.status !== 'in_progress')
      return this.#out.line(this.#out.dim(`  exec ${clean(step.command)}`));
    if (step.type === 'tool_call' && step.status !== 'in_progress')
      this.#out.line(this.#out.dim(`  ${step.tool} ${clean(JSON.stringify(step.arguments))}`));
  }

  #commandHeading(item: CommandItem): void {
    this.#out.line(this.#out.paint('magenta', 'exec'));
    this.#out.line(`${this.#out.bold(clean(item.command))} in ${clean(item.cwd)}`);
    this.#headed = item.id;
  }

  #commandEnd(item: CommandItem): void {
    // Commands that only read run in parallel: the end must say which one it belongs to.
    if (this.#headed !== item.id) this.#commandHeading(item);
    const isRunning = item.sessionId !== undefined && item.exitCode === null;
    const isGood = item.exitCode === 0 || isRunning;
    const how = isRunning
      ? `still running as session ${item.sessionId} after`
      : isGood
        ? 'succeeded in'
        : `exited ${item.exitCode ?? 'by a signal'} in`;
    this.#out.line(this.#out.paint(isGood ? 'green' : 'red', ` ${how} ${Math.round(item.durationMs)}ms:`));
    this.#out.text(clip(item.output, MAX_OUTPUT_LINES));
  }

  #change(change: FileChange): void {
    const out = this.#out;
    const target = change.movePath === undefined ? '' : ` -> ${change.movePath}`;
    out.line(out.bold(clean(`${change.kind} ${change.path}${target}`)));
    for (const line of clip(change.diff.trimEnd(), MAX_OUTPUT_LINES).split('\n')) {
      if (line.startsWith('+')) out.line(out.paint('green', clean(line)));
      else if (line.startsWith('-')) out.line(out.paint('red', clean(line)));
      else out.line(line.startsWith('@@') ? out.paint('cyan', clean(line)) : clean(line));
    }
  }
}

function phaseText({ phase, detail, before }: Extract<Event, { type: 'model_phase' }>): string | undefined {
  if (phase === 'queued') return `waiting for the server: ${queueText(before)}…`;
  // Right away: what it is for is all that is shown of this answer.
  return phase === 'waiting' && detail !== undefined ? `${clean(detail)}…` : PHASE_TEXT[phase];
}

function outcome(item: ToolItem): string {
  if (item.status !== 'completed') return clean(item.output.split('\n')[0] ?? '');
  const lines = item.output.split('\n').length;
  return `${lines} line${lines === 1 ? '' : 's'}`;
}

function fromMemory(memories: readonly RecalledMemory[]): string {
  return `From memory: ${plural(memories.length, 'note')} (${memories.map(memorySource).map(clean).join('; ')})`;
}
