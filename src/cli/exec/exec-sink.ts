/** Where the output of `exec` goes: text for a person on stderr, or JSON lines on stdout. */
import { closeSync, writeFileSync } from 'node:fs';
import type { Event, JsonObject } from '../../protocol.ts';
import type { OpenSession } from '../../session/build-agent.ts';
import { modelSettingsOf } from '../../session/model-table.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { VERSION } from '../../session/version.ts';
import { groupDigits } from '../../text/digits.ts';
import { fileProblem } from '../../text/file-problem.ts';
import { hostLines } from '../../text/host-lines.ts';
import { jsonText } from '../../text/json-text.ts';
import { errorLine } from '../options.ts';
import type { HumanEvents } from './exec-human.ts';
import { JsonEvents } from './exec-json.ts';

export interface Sink {
  readonly handle: (event: Event) => void;
  readonly opened: (session: OpenSession, plan: SessionPlan) => void;
  /** What is no event of the session: a line for programs, and one for people, if any. */
  readonly note: (line: JsonObject, text?: string) => void;
  /** An error before the session was open. */
  readonly failed: (message: string) => void;
  /** A signal before the session was open. */
  readonly interrupted: () => void;
  readonly close: () => void;
}

/** All of them hear everything. */
export class Sinks implements Sink {
  readonly #all: Sink[];

  constructor(first: Sink) {
    this.#all = [first];
  }

  add(sink: Sink): void {
    this.#all.push(sink);
  }

  readonly handle = (event: Event): void => {
    for (const sink of this.#all) sink.handle(event);
  };

  readonly opened = (session: OpenSession, plan: SessionPlan): void => {
    for (const sink of this.#all) sink.opened(session, plan);
  };

  readonly note = (line: JsonObject, text?: string): void => {
    for (const sink of this.#all) sink.note(line, text);
  };

  readonly failed = (message: string): void => {
    for (const sink of this.#all) sink.failed(message);
  };

  readonly interrupted = (): void => {
    for (const sink of this.#all) sink.interrupted();
  };

  readonly close = (): void => {
    for (const sink of this.#all) sink.close();
  };
}

/**
 * JSON lines in a file, each of them there before the next event. A disk that is full ends the file, not the task.
 * @param file its descriptor, which is closed in the end.
 */
export function fileSink(file: number): Sink {
  let isBroken = false;
  const put = (line: string): void => {
    if (isBroken) return;
    try {
      writeFileSync(file, `${line}\n`);
    } catch (error) {
      isBroken = true;
      process.stderr.write(`warning: --events: ${fileProblem(error)}; the file ends here\n`);
    }
  };
  const events = new JsonEvents(put);
  return {
    handle: (event) => events.handle(event),
    opened: () => undefined,
    note: (line) => void put(jsonText(line)),
    failed: (message) => put(jsonText({ type: 'error', message })),
    interrupted: () => undefined,
    close: () => closeSync(file),
  };
}

/** JSON lines on stdout; an error before the session also as text on stderr. */
export function jsonSink(): Sink {
  const put = (line: string): boolean => process.stdout.write(`${line}\n`);
  const events = new JsonEvents(put);
  return {
    handle: (event) => events.handle(event),
    opened: () => undefined,
    note: (line) => void put(jsonText(line)),
    failed: (message) => {
      put(jsonText({ type: 'error', message }));
      process.stderr.write(errorLine(message));
    },
    interrupted: () => undefined,
    close: () => undefined,
  };
}

/** Text on stderr. */
export async function humanSink(color: 'always' | 'never' | 'auto'): Promise<Sink> {
  const { HumanEvents: Events } = await import('./exec-human.ts');
  const isTerminal = process.stderr.isTTY ?? false;
  const human: HumanEvents = new Events({
    write: (text) => process.stderr.write(text),
    color: color === 'always' || (color === 'auto' && isTerminal && !process.env.NO_COLOR),
    live: isTerminal,
  });
  return {
    handle: (event) => human.handle(event),
    opened: (session, plan) => human.header({ version: VERSION, lines: headerLines(session, plan) }),
    note: (_, text) => void (text && process.stderr.write(`${text}\n`)),
    failed: (message) => process.stderr.write(errorLine(message)),
    interrupted: () => process.stderr.write('turn interrupted\n'),
    close: () => human.close(),
  };
}

function headerLines(session: OpenSession, plan: SessionPlan): (readonly [string, string])[] {
  const { config } = plan.loaded;
  const own = modelSettingsOf(plan.loaded, session.model);
  return [
    ['workdir', plan.cwd],
    ['model', session.model],
    ...profileLine(session.profile),
    ...(own.tools === 'small' ? [['tools', 'small'] as const] : []),
    ['provider', `${config.model_provider} (${session.host})`],
    ...hostLines(plan.server?.hosts ?? []).map((line) => ['host', line] as const),
    ['window', `${groupDigits(session.numCtx)} tokens (${session.windowSource})`],
    ['approval', 'never'],
    ['sandbox', session.sandbox],
    ...(session.facts.thinking ? [['reasoning effort', own.effort] as const] : []),
    ['session id', session.agent.threadId],
  ];
}

/** `native` is the normal case and only worth a line if it was configured. */
function profileLine({ profile, profileSource }: OpenSession['profile']): [string, string][] {
  if (profile === 'native' && profileSource !== 'config') return [];
  return [['profile', `${profile} (${profileSource === 'config' ? 'configured' : 'measured'})`]];
}
