/**
 * The file of `OAGENT_TRACE`.
 *
 * Invariants: each line is in the file before the call returns, so that a kill loses none; it is readable by the user
 * alone; what is known to be a secret is replaced, in keys as well as in values. A file that cannot be written costs one
 * line on stderr, never the session.
 *
 * Safety: this runs outside the sandbox, and a command inside it may have prepared the place. So the path must not lead
 * through a symbolic link, and what is there must be a plain file of the user's with no other name.
 */
import { closeSync, constants, fchmodSync, fstatSync, realpathSync, writeSync } from 'node:fs';
import path from 'node:path';
import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { Event, JsonObject } from '../protocol.ts';
import { errorMessage } from '../text/error-message.ts';
import { HeldFolder } from './held-folder.ts';
import {
  TRACE_OF_MAIN,
  type TracedExchange,
  type TracedRequest,
  type TraceFacts,
  type TraceKind,
  type TraceSink,
  traceInto,
} from './trace.ts';
import { ExchangeTrace } from './trace-exchange.ts';

const MASK = '********';

/** Shorter texts would be found everywhere by chance. */
const MIN_SECRET = 6;

/** User and password of an address, wherever it stands. */
const CREDENTIALS = /(:\/\/)[^\s/?#@"']{1,256}@/g;

/** Threads write to the same descriptor: by now a command may have put something else in the file's place. */
interface Shared {
  readonly fd: number;
  readonly secrets: readonly string[];
}

/**
 * Traces into `file` from now on, and in the threads that are started later.
 *
 * @param complain gets one line that says why there is no trace.
 */
export function startTrace(file: string, facts: TraceFacts, complain: (line: string) => void): void {
  try {
    const place = path.resolve(file);
    const sink = new TraceFile(openPlainFile(place), (reason) =>
      complain(`OAGENT_TRACE: ${place} is not complete: ${reason}`),
    );
    sink.write('start', { ...facts, pid: process.pid, node: process.version, platform: process.platform });
    traceInto(sink);
  } catch (error) {
    complain(`OAGENT_TRACE: ${errorMessage(error)}`);
  }
}

/** In a thread: traces into the main thread's file, if there is one. */
export function continueTrace(): void {
  const shared = getEnvironmentData(TRACE_OF_MAIN) as Shared | undefined;
  if (shared === undefined) return;
  // What goes wrong with the file is reported by the main thread.
  const sink = new TraceFile(shared.fd, () => undefined);
  sink.hide(shared.secrets);
  traceInto(sink);
}

class TraceFile implements TraceSink {
  readonly #fd: number;
  readonly #complain: (reason: string) => void;
  readonly #asked = new Map<string, TraceFacts>();
  #isOver = false;
  #secrets: readonly string[] = [];

  constructor(fd: number, complain: (reason: string) => void) {
    this.#fd = fd;
    this.#complain = complain;
    this.hide([]);
  }

  hide(secrets: readonly string[]): void {
    const forms = secrets.flatMap((secret) => [
      secret,
      JSON.stringify(secret).slice(1, -1),
      encodeURIComponent(secret),
    ]);
    const all = new Set([...this.#secrets, ...forms.filter(({ length }) => length >= MIN_SECRET)]);
    // The longest first: one may be a part of another.
    this.#secrets = [...all].sort((a, b) => b.length - a.length);
    const shared: Shared = { fd: this.#fd, secrets: this.#secrets };
    setEnvironmentData(TRACE_OF_MAIN, shared);
  }

  write(kind: TraceKind, facts: TraceFacts): void {
    if (this.#isOver) return;
    try {
      const line = { time: new Date().toISOString(), kind, ...(this.#clean(facts) as JsonObject) };
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`);
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    } catch (error) {
      this.#end(error);
    }
  }

  exchange(request: TracedRequest): TracedExchange {
    this.hide(request.secrets.flatMap((value) => [value, value.replace(/^(?:Bearer|Basic) /i, '')]));
    return new ExchangeTrace(request, this);
  }

  event(thread: string, event: Event): void {
    switch (event.type) {
      case 'turn_started':
        return this.write('turn', { thread, turn: event.turnId, state: 'started' });
      case 'turn_completed':
      case 'turn_failed':
      case 'turn_aborted': {
        const { type, turnId, ...facts } = event;
        return this.write('turn', { thread, turn: turnId, state: type.replace('turn_', ''), ...facts });
      }
      case 'approval_requested': {
        const { id, kind, ...request } = event.request;
        this.#asked.set(id, { asked: kind, ...request });
        return;
      }
      case 'approval_resolved': {
        const request = this.#asked.get(event.id);
        this.#asked.delete(event.id);
        return this.write('decision', { thread, decision: 'approval', ...request, answer: event.answer });
      }
      case 'call_rejected':
        return this.write('decision', { thread, decision: 'call', tool: event.tool, refused: event.message });
      case 'compacted':
        return this.write('decision', {
          thread,
          decision: 'compaction',
          before: event.before,
          after: event.after,
        });
      case 'model_led':
        return this.write('decision', { thread, decision: 'profile', profile: 'led' });
      case 'thinking_stopped':
        return this.write('repair', { thread, thinkingStopped: event.tokens });
      case 'repaired':
        return this.write('repair', { thread, note: event.message });
      default:
        return;
    }
  }

  /**
   * No more lines. Reported when the process ends, since a view may own the screen until then. The descriptor stays open:
   * a thread may still write to it.
   */
  #end(error: unknown): void {
    this.#isOver = true;
    process.once('exit', () => this.#complain(errorMessage(error)));
  }

  #clean(value: unknown): unknown {
    if (typeof value === 'string') return this.#cleanText(value);
    if (Array.isArray(value)) return value.map((item) => this.#clean(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.#cleanText(key), this.#clean(item)]),
    );
  }

  #cleanText(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) clean = clean.replaceAll(secret, MASK);
    return clean.replace(CREDENTIALS, `$1${MASK}@`);
  }
}

/** The file, open for appending. @throws Error that says why this cannot be the file. */
function openPlainFile(file: string): number {
  const folder = path.dirname(file);
  const real = realpathSync(folder);
  if (real !== folder) {
    throw new Error(
      `${file} leads through a symbolic link; name ${path.join(real, path.basename(file))} itself`,
    );
  }
  const { O_APPEND, O_CREAT, O_WRONLY } = constants;
  const held = HeldFolder.open(folder);
  let fd: number;
  try {
    fd = held.open(path.basename(file), O_WRONLY | O_APPEND | O_CREAT, 0o600);
  } finally {
    held.close();
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) throw new Error(`${file} is not a file`);
    if (stat.nlink !== 1) throw new Error(`${file} has a second name (a hard link)`);
    if (stat.uid !== process.getuid?.()) throw new Error(`${file} belongs to another user`);
    fchmodSync(fd, 0o600);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
