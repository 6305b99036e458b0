/**
 * The process of a server, and the pipes to it.
 *
 * What it prints besides messages is dropped, and named in errors. After `close` no process of it is left, nor after oagent was killed
 * (system/death-watch.ts).
 */
import type { Readable } from 'node:stream';
import { parseJson } from '../../model/json-object.ts';
import type { Prepared } from '../../safety/sandbox/sandbox.ts';
import type { ProcessGroup } from '../../system/process-group.ts';
import { within } from '../../system/within.ts';
import { LineFraming, MESSAGE_LIMIT } from '../../text/line-framing.ts';
import type { Carrier, Outgoing } from './carrier.ts';
import { McpError, quoted, tooLong } from './mcp-error.ts';
import type { OutputTail } from './output-tail.ts';
import type { Peer } from './peer.ts';

/** How long it may take to end by itself, and after SIGTERM. */
const GRACE_MS = 1_000;

/** What was printed is read for so long after the process has ended: another one may keep the pipe open. */
const DRAIN_MS = 1_000;

/** In a row, without one that is a message. */
const MOST_ODD_LINES = 1_000;

/** A line that is too long is dropped as it comes, up to here. */
const LINE_WITHOUT_END = 8 * MESSAGE_LIMIT;

/** What a server has not read yet; more is not kept for it. */
const UNREAD_LIMIT = MESSAGE_LIMIT;

const MB = 2 ** 20;

export class ServerProcess implements Carrier {
  readonly #group: ProcessGroup;
  readonly #tail: OutputTail;
  readonly #prepared: Prepared | undefined;
  readonly #onEnd: ((reason: string) => void)[] = [];
  #peer: Peer | undefined;
  #end: McpError | undefined;
  /** Why it has ended without having been closed. */
  #lost: string | undefined;
  #closing: Promise<void> | undefined;
  #odd = { inARow: 0, first: '' };
  /** It is not known yet whose answer the line would have been that is too long. */
  #isUnclaimed = false;

  constructor(group: ProcessGroup, tail: OutputTail, prepared: Prepared | undefined) {
    this.#group = group;
    this.#tail = tail;
    this.#prepared = prepared;
  }

  /** It has ended by itself, and the error says so. */
  get isLost(): boolean {
    return this.#lost !== undefined;
  }

  /** What it printed that is no message, for an error. */
  get oddity(): string {
    return this.#odd.first === '' ? '' : `\nIts stdout has text that is not MCP: ${this.#odd.first}`;
  }

  /** From now on messages go to the peer. */
  listen(peer: Peer): void {
    this.#peer = peer;
    const { stdout, stderr, exited } = this.#group;
    stderr.setEncoding('utf8').on('data', (text: string) => this.#tail.push(text));
    const lines = new LineFraming({
      onLine: (line) => this.#take(line),
      onTooLong: (beginning) => {
        this.#isUnclaimed = !peer.refuse(tooLong(MESSAGE_LIMIT), beginning);
      },
      onTooLongEnd: (end) => {
        if (this.#isUnclaimed && !peer.refuse(tooLong(MESSAGE_LIMIT), end))
          peer.refuse(tooLong(MESSAGE_LIMIT));
      },
    });
    stdout.on('data', (chunk: Buffer) => {
      lines.push(chunk);
      if (lines.openLength > LINE_WITHOUT_END) {
        this.#lose(`sent a line of more than ${LINE_WITHOUT_END / MB} MB and was stopped.`);
      }
    });
    stdout.once('close', () => lines.end());
    void this.#watch(exited, closeOf(stdout), closeOf(stderr));
  }

  async carry(message: Outgoing, signal: AbortSignal): Promise<boolean> {
    signal.throwIfAborted();
    const { stdin } = this.#group;
    if (stdin === null || this.#end !== undefined) throw this.#end ?? closed();
    if (stdin.writableLength > UNREAD_LIMIT) throw new McpError('The server does not read what it is sent.');
    stdin.write(`${JSON.stringify(message)}\n`);
    return false;
  }

  onEnd(listener: (reason: string) => void): void {
    if (this.#lost === undefined) this.#onEnd.push(listener);
    else listener(this.#lost);
  }

  close(): Promise<void> {
    this.#end ??= closed();
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  #take(line: string): void {
    const value = parseJson(line);
    if (this.#peer?.receive(value) === true) {
      this.#odd.inARow = 0;
      return;
    }
    const shown = quoted(line);
    if (shown === '') return;
    this.#odd.inARow += 1;
    this.#odd.first ||= shown;
    if (this.#odd.inARow === MOST_ODD_LINES) {
      this.#lose(`printed ${MOST_ODD_LINES} lines in a row that are not MCP and was stopped.${this.oddity}`);
    }
  }

  async #watch(exited: ProcessGroup['exited'], noOutput: Promise<void>, noLog: Promise<void>): Promise<void> {
    await Promise.race([exited, noOutput]);
    const rest = [noOutput, noLog].map((one) => within(one, DRAIN_MS));
    const [how] = await Promise.all([within(exited, DRAIN_MS), ...rest]);
    const { code, signal } = how.kind === 'done' ? how.value : { code: null, signal: null };
    const cause =
      how.kind === 'done' ? `has ended (${signal ?? `exit code ${code}`})` : 'has closed its stdout';
    this.#lose(`${cause}.${this.oddity}${this.#tail.lastWords}`);
  }

  /** It is of no use any more. */
  #lose(what: string): void {
    if (this.#end !== undefined) return;
    this.#lost = `The server ${what}`;
    this.#end = new McpError(this.#lost);
    this.#peer?.end(this.#end);
    void this.close();
    for (const listener of this.#onEnd) listener(this.#lost);
  }

  async #shutDown(): Promise<void> {
    this.#peer?.end(closed());
    const { stdin, exited, stdout, stderr } = this.#group;
    stdin?.end();
    await within(exited, GRACE_MS);
    await this.#group.terminate(GRACE_MS);
    stdin?.destroy();
    stdout.destroy();
    stderr.destroy();
    for (const warning of (await this.#prepared?.finish()) ?? []) this.#tail.add(warning);
  }
}

function closeOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve));
}

function closed(): McpError {
  return new McpError('The connection to the server is closed.');
}
