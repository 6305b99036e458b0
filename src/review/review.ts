/**
 * Reviews changed files with a model whose window may be far smaller than the change: in pieces, one request each, and two more for
 * each finding, in which the model has to say whether it is true.
 *
 * Invariants: every piece with a change in it was answered in the wanted form, or is named in `notReviewed`; a piece that was not
 * answered is asked again as two halves before that; whatever happens, what was found until then is returned.
 */
import aroundText from '../../prompts/review/around.md?raw';
import findText from '../../prompts/review/find.md?raw';
import instructionsText from '../../prompts/review/instructions.md?raw';
import systemText from '../../prompts/review/system.md?raw';
import { ModelError } from '../model/errors.ts';
import { errorMessage } from '../text/error-message.ts';
import { fill } from '../text/fill.ts';
import { type AskDeps, Asker } from './ask.ts';
import type { ChangedFile } from './changed-files.ts';
import { CHECK_SCHEMA, CONFIDENCE, checkQuestions, verdictOf } from './check.ts';
import { type Finding, findingsSchema, readFindings } from './finding.ts';
import { type LeftOut, whyLeftOut } from './left-out.ts';
import { merged } from './merge.ts';
import { halves, hasChange, isCutLine, type Piece, piecesOf, pieceText, rangeOf } from './pieces.ts';
import { around, type FindCode } from './surroundings.ts';

export interface ReviewProgress {
  /** Pieces. */
  readonly done: number;
  readonly total: number;
  readonly path: string;
  readonly start: number;
  readonly end: number;
  /** So far, before the second look. */
  readonly found: number;
}

export interface ReviewDeps extends AskDeps {
  /** Absent: there is no index. */
  readonly findCode?: FindCode | undefined;
  readonly onProgress?: (progress: ReviewProgress) => void;
}

export interface ReviewInput {
  readonly files: readonly ChangedFile[];
  /** What to look for, in the user's words. */
  readonly instructions?: string | undefined;
  /** The project's own instructions, ready to send. */
  readonly projectDoc?: string | undefined;
}

export interface NotReviewed {
  readonly path: string;
  readonly start: number;
  readonly end: number;
  readonly reason: string;
}

export interface Reviewed {
  /** The worst first. */
  readonly findings: readonly Finding[];
  /** Those that the second look denied. */
  readonly denied: readonly Finding[];
  /** How many were about lines that the change has not touched. */
  readonly outside: number;
  readonly notReviewed: readonly NotReviewed[];
  readonly leftOut: readonly LeftOut[];
  readonly pieces: number;
  /** The signal ended it. */
  readonly isInterrupted: boolean;
}

/** Of the window that a prompt may use: estimates are not exact, and a template adds its own. */
const SAFE_SHARE = 0.85;
/** A small model overlooks less in little text. */
const PIECE_TOKENS = 1_200;
const PIECE_SHARE = 0.65;
const AROUND_TOKENS = 900;
const LEAST_BYTES = 400;
/** Tokens of a question about a finding, with what it says. */
const LONGEST_QUESTION = 200;
/** Of the window, for AGENTS.md: it is in every prompt, and the change needs the room. */
const DOC_SHARE = 0.125;
/** So many failures of the server one after the other are no accident. */
const MOST_FAILURES = 2;
const STOPPED = 'the review was stopped';

/** Without an index, a server or an answer the rest is reviewed: rejects only for a fault of our own. */
export async function review(input: ReviewInput, deps: ReviewDeps, signal: AbortSignal): Promise<Reviewed> {
  const reasons = input.files.map(whyLeftOut);
  const files = input.files.filter((_, at) => reasons[at] === undefined);
  const leftOut = input.files.flatMap(({ path }, at) => {
    const reason = reasons[at];
    return reason === undefined ? [] : [{ path, reason }];
  });
  const run = new ReviewRun(input, deps, signal);
  await run.all(files);
  return { ...run.result(), leftOut: [...leftOut, ...files.flatMap(cutLines)] };
}

function cutLines({ path, hunks }: ChangedFile): LeftOut[] {
  const cut = hunks.flatMap(({ lines }) => lines.filter((line) => line.kind === '+' && isCutLine(line)));
  return cut.map(({ line, text }) => ({
    path: `${path}:${line}`,
    reason: `cut: a line of ${text.length} characters`,
  }));
}

/** What came of one question about a piece. */
type Answered = 'reviewed' | 'too large' | { readonly problem: string };

class ReviewRun {
  readonly #deps: ReviewDeps;
  readonly #signal: AbortSignal;
  readonly #asker: Asker;
  readonly #findings: Finding[] = [];
  readonly #denied: Finding[] = [];
  readonly #notReviewed: NotReviewed[] = [];
  #outside = 0;
  #done = 0;
  #total = 0;
  #failures = 0;

  constructor(input: ReviewInput, deps: ReviewDeps, signal: AbortSignal) {
    this.#deps = deps;
    this.#signal = signal;
    this.#asker = new Asker(systemOf(input, deps.settings.numCtx), deps);
  }

  result(): Omit<Reviewed, 'leftOut'> {
    return {
      findings: merged(this.#findings),
      denied: merged(this.#denied),
      outside: this.#outside,
      notReviewed: this.#notReviewed,
      pieces: this.#done,
      isInterrupted: this.#signal.aborted,
    };
  }

  async all(files: readonly ChangedFile[]): Promise<void> {
    const expected = files.map((file) => this.#piecesOf(file).length);
    this.#total = expected.reduce((sum, count) => sum + count, 0);
    for (const [at, file] of files.entries()) {
      // By now the server may have counted.
      const pieces = this.#piecesOf(file);
      this.#total += pieces.length - (expected[at] ?? 0);
      for (const piece of pieces) {
        await this.#reviewed(piece);
        this.#done += 1;
      }
    }
  }

  #piecesOf(file: ChangedFile): Piece[] {
    return piecesOf(file, this.#bytes(Math.min(PIECE_TOKENS, this.#room * PIECE_SHARE))).filter(hasChange);
  }

  /** Tokens for a piece and what is around it. */
  get #room(): number {
    const { numCtx, numPredict } = this.#deps.settings;
    return (numCtx - numPredict) * SAFE_SHARE - this.#asker.emptyTokens(findText) - LONGEST_QUESTION;
  }

  #bytes(tokens: number): number {
    return Math.max(LEAST_BYTES, Math.floor(tokens * this.#deps.meter.bytesPerToken));
  }

  async #reviewed(piece: Piece): Promise<void> {
    if (this.#signal.aborted) return this.#leave(piece, STOPPED);
    if (this.#failures >= MOST_FAILURES) return this.#leave(piece, 'the server failed before');
    const answered = await this.#once(piece);
    if (answered === 'reviewed') return;
    if (this.#signal.aborted) return this.#leave(piece, STOPPED);
    const parts = halves(piece);
    if (parts === undefined) {
      return this.#leave(
        piece,
        answered === 'too large' ? 'it does not fit into the window' : answered.problem,
      );
    }
    for (const part of parts.filter(hasChange)) {
      if (answered === 'too large') await this.#reviewed(part);
      else await this.#again(part);
    }
  }

  /** The second and last try. */
  async #again(piece: Piece): Promise<void> {
    if (this.#signal.aborted || this.#failures >= MOST_FAILURES) return this.#reviewed(piece);
    const answered = await this.#once(piece);
    if (answered === 'too large') return this.#reviewed(piece);
    if (answered !== 'reviewed') this.#leave(piece, answered.problem);
  }

  #leave(piece: Piece, reason: string): void {
    this.#notReviewed.push({ path: piece.path, ...rangeOf(piece), reason });
  }

  async #once(piece: Piece): Promise<Answered> {
    const { onProgress, settings } = this.#deps;
    const found = this.#findings.length;
    onProgress?.({ ...{ done: this.#done, total: this.#total, found }, path: piece.path, ...rangeOf(piece) });
    try {
      const about = await this.#about(piece);
      const question = { about, ask: findText.trim(), schema: findingsSchema(piece) };
      const read = readFindings(await this.#asker.ask(question, this.#signal), piece);
      this.#failures = 0;
      if (read === undefined) return { problem: 'the model gave no usable answer' };
      this.#outside += read.outside;
      for (const finding of merged(read.findings)) await this.#second(finding, about);
      return 'reviewed';
    } catch (error) {
      if (this.#signal.aborted) return { problem: STOPPED };
      if (!(error instanceof ModelError)) throw error;
      if (error.remedy === 'compact') return 'too large';
      if (error.remedy === 'smaller_window' && settings.shrink?.() !== undefined) return 'too large';
      this.#failures += 1;
      // The lines behind the first one say what to do about it.
      return { problem: errorMessage(error).split('\n', 1)[0] ?? '' };
    }
  }

  async #about(piece: Piece): Promise<string> {
    const { findCode } = this.#deps;
    const text = pieceText(piece);
    const room = this.#bytes(Math.min(AROUND_TOKENS, this.#room * (1 - PIECE_SHARE)));
    const code = findCode === undefined ? '' : await this.#around(piece, findCode, room);
    return code === '' ? text : `${fill(aroundText, { code })}\n\n${text}`;
  }

  /** Code that cannot be found is no reason to leave the piece out. */
  async #around(piece: Piece, findCode: NonNullable<ReviewDeps['findCode']>, room: number): Promise<string> {
    try {
      return await around(piece, findCode, room, this.#signal);
    } catch {
      this.#signal.throwIfAborted();
      return '';
    }
  }

  /** What cannot be asked a second time stays a finding. */
  async #second(finding: Finding, about: string): Promise<void> {
    const at = this.#findings.push(finding) - 1;
    const answers: unknown[] = [];
    for (const ask of checkQuestions(finding))
      answers.push(await this.#asker.ask({ about, ask, schema: CHECK_SCHEMA }, this.#signal));
    const verdict = verdictOf(answers);
    if (verdict === 'denied') this.#denied.push(...this.#findings.splice(at, 1));
    else this.#findings[at] = { ...finding, confidence: CONFIDENCE[verdict] };
  }
}

function systemOf({ instructions, projectDoc }: ReviewInput, numCtx: number): string {
  const doc =
    projectDoc !== undefined && Buffer.byteLength(projectDoc) <= numCtx * DOC_SHARE * 3
      ? projectDoc
      : undefined;
  const parts = [systemText.trim(), doc, instructions && fill(instructionsText, { instructions })];
  return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}
