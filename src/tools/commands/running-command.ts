/**
 * A command that has been started: its output piece by piece, its end, and how to stop it.
 *
 * Every byte of output is in exactly one of the pieces that `take` gives, and no character is split between two. Memory is bounded
 * however much comes while nobody takes it. A command that has filled the files for its output is stopped. `ended` never rejects
 * and comes after the last byte.
 */
import { constants } from 'node:os';
import path from 'node:path';
import { type CapturedOutput, OutputCapture } from '../../context/output-capture.ts';
import { SPILL_LIMIT } from '../../context/spill-file.ts';
import { LONGEST_WAIT_MS, within } from '../../system/within.ts';
import type { StartedCommand } from './command-process.ts';
import type { CommandProcess } from './pty.ts';

/** How long to read on after the shell has ended: a background process may hold the pipe open forever. */
const DRAIN_MS = 2_000;
/** The same after the whole group has been ended. */
const STOPPED_DRAIN_MS = 100;
/** How long it may take to learn of the end of a process after it has been killed. */
const STOPPED_EXIT_MS = 1_000;
const NOT_STOPPED = { code: null, signal: null } as const;
const OVERFLOW_GRACE_MS = 2_000;
const GIB = 2 ** 30;
/** Characters of stderr in which a problem of the sandbox is looked for. */
const PROBLEM_LIMIT = 1_000;

export interface RunningOptions {
  /** Bytes of one piece that the model gets. */
  readonly limitBytes: number;
  /** Names the file for the first piece; the others are named after it. */
  readonly spillPath: () => string;
  /** Bytes in files after which the command is stopped; 1 GiB by default. */
  readonly maxSpillBytes?: number | undefined;
  /** The workspaces that it may change. */
  readonly writes?: readonly string[] | undefined;
}

/** How a command ended. */
export interface CommandEnd {
  /** 128 and its number for a signal, as shells count. */
  readonly exitCode: number;
  /** What else the model and the user must know, one sentence each. */
  readonly notes: readonly string[];
  /** Why the sandbox could not start it. */
  readonly neverRan?: string | undefined;
}

export class RunningCommand {
  readonly process: CommandProcess;
  /** When the first process has ended; there may be output to come. */
  readonly exited: Promise<unknown>;
  /** When nothing more comes. Never rejects. */
  readonly ended: Promise<CommandEnd>;
  /** See `CommandPermit`. */
  readonly writes: readonly string[] | undefined;
  readonly #options: RunningOptions;
  readonly #maxSpillBytes: number;
  readonly #stopped = new AbortController();
  #capture: OutputCapture;
  /** What was shown of the first piece, and all that came after it. */
  #first: Promise<CapturedOutput> | undefined;
  readonly #later = new OutputCapture({ limitBytes: 0 });
  #onChunk: ((chunk: Buffer) => void) | undefined;
  #spillName: string | undefined;
  #pieces = 1;
  #spilled = 0;
  #hasOverflowed = false;
  #hasEnded = false;
  #taking: Promise<void> | undefined;

  /** @param onChunk called with every chunk of the first piece. */
  constructor(
    { process, finish, setupProblem = () => undefined }: StartedCommand,
    options: RunningOptions,
    onChunk: (chunk: Buffer) => void,
  ) {
    this.process = process;
    this.exited = process.exited;
    this.#options = options;
    this.writes = options.writes;
    this.#maxSpillBytes = options.maxSpillBytes ?? SPILL_LIMIT;
    this.#onChunk = onChunk;
    this.#capture = new OutputCapture({
      limitBytes: options.limitBytes,
      spillLimitBytes: this.#maxSpillBytes,
      spillPath: () => this.#nameFile(1),
    });
    this.ended = this.#follow(finish, setupProblem);
  }

  /** The output since the last piece. */
  async take(): Promise<CapturedOutput> {
    const piece = this.#capture;
    const { limitBytes } = this.#options;
    this.#onChunk = undefined;
    this.#pieces += 1;
    const number = this.#pieces;
    this.#spilled += piece.spilledBytes;
    this.#capture = new OutputCapture({
      limitBytes,
      displayLimitBytes: limitBytes,
      spillLimitBytes: Math.max(0, this.#maxSpillBytes - this.#spilled),
      spillPath: () => this.#nameFile(number),
    });
    if (!this.#hasEnded) {
      const unfinished = piece.takeUnfinished();
      // So few bytes never wait for the disk.
      void this.#capture.write(unfinished);
      if (this.#first === undefined) void this.#later.write(unfinished);
    }
    const captured = piece.finish();
    this.#first ??= captured;
    return captured;
  }

  /** All of the output as it is shown, head and tail, once the command has ended. To be called once. */
  async whole(): Promise<string> {
    const first = await (this.#first ?? this.#capture.finish());
    return first.displayText + (await this.#later.finish()).displayText;
  }

  /** TERM to all processes of the command, KILL to what is left after `graceMs`; resolves when it has ended. */
  async stop(graceMs: number): Promise<void> {
    await this.process.terminate(graceMs);
    this.#stopped.abort();
    await this.ended;
  }

  async #follow(
    finish: StartedCommand['finish'],
    setupProblem: NonNullable<StartedCommand['setupProblem']>,
  ): Promise<CommandEnd> {
    const { outputs } = this.process;
    let hasWritten = false;
    let stderr = '';
    for (const output of outputs) {
      output.on('data', (chunk: Buffer) => {
        if (output === outputs[0]) hasWritten = true;
        else if (stderr.length < PROBLEM_LIMIT) stderr += chunk.toString();
        const taking = this.#write(chunk);
        if (taking === undefined) return;
        output.pause();
        this.#taking = taking.then(() => void output.resume());
      });
    }
    const closed = Promise.all(
      outputs.map((output) => new Promise<void>((resolve) => output.once('close', resolve))),
    );
    const { code, signal } = (await this.#exit()) ?? NOT_STOPPED;
    let drained = await within(closed, DRAIN_MS, this.#stopped.signal);
    if (drained.kind === 'aborted') drained = await within(closed, STOPPED_DRAIN_MS);
    const isLeftBehind = drained.kind === 'timeout' && !this.#stopped.signal.aborted;
    if (isLeftBehind) this.process.detach();
    else for (const output of outputs) output.destroy();
    await this.#taking;
    this.#hasEnded = true;
    const warnings = await finish();
    const notes = [
      ...(code === null && signal === null ? ['The command could not be stopped and is still running.'] : []),
      ...(this.#hasOverflowed
        ? [`output exceeded ${size(this.#maxSpillBytes)}: the command was stopped`]
        : []),
      ...(isLeftBehind ? ['A background process is still running; its further output is not captured.'] : []),
      ...warnings,
    ];
    const exitCode = code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
    return { exitCode, notes, neverRan: hasWritten || exitCode === 0 ? undefined : setupProblem(stderr) };
  }

  /** How the first process ended; undefined if it could not be stopped: it may have become another user's. */
  async #exit(): Promise<Awaited<CommandProcess['exited']> | undefined> {
    const exit = await within(this.process.exited, LONGEST_WAIT_MS, this.#stopped.signal);
    const last = exit.kind === 'done' ? exit : await within(this.process.exited, STOPPED_EXIT_MS);
    return last.kind === 'done' ? last.value : undefined;
  }

  #write(chunk: Buffer): void | Promise<void> {
    this.#onChunk?.(chunk);
    const taking = this.#capture.write(chunk);
    if (this.#first !== undefined) void this.#later.write(chunk);
    if (this.#capture.isFull && !this.#hasOverflowed) {
      this.#hasOverflowed = true;
      void this.stop(OVERFLOW_GRACE_MS);
    }
    return taking;
  }

  #nameFile(piece: number): string {
    this.#spillName ??= this.#options.spillPath();
    const { dir, name, ext } = path.parse(this.#spillName);
    return piece === 1 ? this.#spillName : path.join(dir, `${name}-${piece}${ext}`);
  }
}

function size(bytes: number): string {
  return bytes % GIB === 0 ? `${bytes / GIB} GiB` : `${bytes} bytes`;
}
