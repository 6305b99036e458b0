/**
 * A turn led by the harness: the model chooses each step from what makes sense now, and writes whole texts.
 *
 * Only the choosing differs: tools, sandbox, approvals, history and events are those of any turn, and every request
 * continues the one before. A step without an alternative is not asked for. The turn ends with an answer, or says why
 * it gave up. Which models are led: model/call-profile.ts.
 */
import { ModelError } from '../../model/errors.ts';
import { isCut } from '../../model/repair.ts';
import { NotHeld } from '../call-learning.ts';
import { denies } from '../evidence/denial.ts';
import { answerAsJson } from '../final-json.ts';
import { notes } from '../notes.ts';
import { isPlan } from '../plan-answer.ts';
import { type Answer, type SampleOptions, sample } from '../sample.ts';
import type { TurnDeps } from '../turn.ts';
import { NO_PLAN } from '../turn-end.ts';
import {
  type Act,
  actSchema,
  isTest,
  MOST_VAIN,
  onlyAct,
  possibleActs,
  readAct,
  type Variant,
} from './acts.ts';
import type { LedOpening } from './begin.ts';
import { filesInAnswer } from './file-text.ts';
import { ledTexts } from './led-texts.ts';
import { filesWithName, perform, runCheck } from './perform.ts';
import type { Progress } from './progress.ts';
import { readTask, type Task } from './task.ts';
import { listFiles } from './workspace.ts';
import { type WriteDeps, writeFile, writeGiven } from './write-file.ts';

const MOST_STEPS = 20;
/** Changes in a row after which the check failed. */
const MOST_FAILURES = 5;
const MOST_BROKEN = 3;

/** @returns the text of the answer. @throws ModelError if it gives up; the signal's reason. */
export async function runLedTurn(deps: TurnDeps, opening: LedOpening, signal: AbortSignal): Promise<string> {
  const turn = new LedTurn(deps, opening, signal);
  return turn.run();
}

class LedTurn {
  readonly #deps: TurnDeps;
  readonly #signal: AbortSignal;
  readonly #progress: Progress;
  #task: Task;
  #onHeld: (() => void) | undefined;
  #withOldName: { readonly listing: string; readonly files: readonly string[] } | undefined;
  #hasTakenFiles = false;
  #hasLocated = false;
  readonly #hooksSaid: string[] = [];
  /** The model has said something since the task. */
  #isTaskFar = false;

  constructor(deps: TurnDeps, { task, progress, onHeld }: LedOpening, signal: AbortSignal) {
    this.#deps = deps;
    this.#task = task;
    this.#progress = progress;
    this.#onHeld = onHeld;
    this.#signal = signal;
  }

  async run(): Promise<string> {
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const done = await this.#withSpace(() => this.#step());
      if (done !== undefined) return done;
    }
    throw new ModelError(`the model did not finish within ${MOST_STEPS} steps`, 'fail');
  }

  /** @returns the answer, if that was the step. */
  async #step(): Promise<string | undefined> {
    const act = await this.#nextAct();
    if (act.act === 'answer') {
      const answer = await this.#answer();
      return (await this.#isSentBack(answer)) ? undefined : answer;
    }
    const report = await this.#do(act);
    // Even after an interrupt: the model must know what was done.
    this.#note(report);
    this.#signal.throwIfAborted();
    this.#deps.hooks?.throwIfStopped();
    if (this.#progress.vain === 0) this.#deps.window.progress();
    this.#giveUpIfStuck();
    return undefined;
  }

  /**
   * Compacts before a step that would not fit, and after one that did not: never within one, where the model would lose
   * sight of an open question.
   */
  async #withSpace(step: () => Promise<string | undefined>): Promise<string | undefined> {
    if (await this.#deps.window.isDueBefore(this.#signal)) await this.#compact();
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof ModelError) || error.remedy !== 'compact') throw error;
      await this.#compact();
      return undefined;
    }
  }

  async #compact(): Promise<void> {
    await this.#deps.window.compact(this.#signal);
    this.#progress.inView.clear();
    this.#isTaskFar = true;
  }

  /** @throws ModelError if more tries would not help. */
  #giveUpIfStuck(): void {
    const { failures, vain, ran } = this.#progress;
    const { check } = this.#task;
    const isFailing = failures > 0 || (check !== undefined && ran.get(check) === false);
    if (failures < MOST_FAILURES && !(isFailing && vain >= MOST_VAIN)) return;
    throw new ModelError(`the model could not make \`${this.#task.check}\` pass`, 'fail');
  }

  async #nextAct(): Promise<Act> {
    const files = await listFiles(this.#deps.cwd, this.#signal);
    await this.#readSteering(files);
    const withOldName = await this.#filesWithOldName(files);
    const acts = possibleActs({ task: this.#task, files, withOldName, progress: this.#progress });
    if (this.#mustLocate()) await this.#think(undefined, this.#doing());
    if (this.#onHeld !== undefined) return this.#tryToChoose(acts, this.#onHeld);
    return onlyAct(acts) ?? this.#choose(acts);
  }

  /**
   * Searched again only if the listing has changed: it takes reading every file. Renamed ones are marked as changed.
   */
  async #filesWithOldName(files: readonly string[]): Promise<readonly string[]> {
    const { rename } = this.#task;
    if (rename === undefined) return [];
    const listing = files.join('\n');
    if (this.#withOldName?.listing !== listing) {
      this.#withOldName = { listing, files: await filesWithName(rename.from, files, this.#deps.cwd) };
    }
    return this.#withOldName.files;
  }

  /** What the user says during the turn belongs to the task. */
  async #readSteering(files: readonly string[]): Promise<void> {
    const said = await this.#deps.recordSteering();
    this.#reopen(said, files);
  }

  #reopen(said: readonly string[], files: readonly string[]): void {
    if (said.length === 0) return;
    this.#progress.reopen(readTask(said.join('\n'), files).named);
    this.#task = readTask([this.#task.text, ...said].join('\n'), files, this.#task);
    this.#withOldName = undefined;
  }

  /** @throws NotHeld */
  async #tryToChoose(acts: readonly Variant[], onHeld: () => void): Promise<Act> {
    const { constraint } = this.#deps;
    const act = await this.#choose(acts, (turn) => {
      const text = turn.content.trim();
      // Words around an act show that the schema was not enforced.
      const isHeld = text.startsWith('{') && text.endsWith('}') && readAct(text, acts) !== undefined;
      if (text !== '') constraint.learned(isHeld);
      if (!isHeld) throw new NotHeld(turn);
    });
    this.#onHeld = undefined;
    onHeld();
    return act;
  }

  async #choose(acts: readonly Variant[], onTurn?: SampleOptions['onTurn']): Promise<Act> {
    const again = this.#isTaskFar ? ledTexts.task(this.#task.text) : '';
    this.#note(again + ledTexts.choose(acts.map(({ act }) => act?.const as Act['act'])));
    for (let tries = 0; tries < MOST_BROKEN; tries += 1) {
      const { content } = await this.#ask({
        shownAs: 'choosing the next step',
        format: actSchema(acts),
        ...(onTurn && { onTurn }),
      });
      const act = readAct(content, acts);
      if (act === undefined) continue;
      // Without the whitespace that a grammar permits: what is short in the history is written short the next time.
      this.#record(JSON.stringify(act));
      return act;
    }
    throw new ModelError(
      'the model did not choose a step: this server does not enforce a JSON schema. ' +
        `Set profile = "native" for ${this.#deps.settings.model} in config.toml`,
      'fail',
    );
  }

  #doing(): WriteDeps {
    const { cwd, tools, contextOf, nextCallId, window } = this.#deps;
    return {
      cwd,
      tools,
      contextOf,
      nextCallId,
      outputBytes: window.outputBytes(1),
      task: this.#task,
      progress: this.#progress,
      isTaskFar: this.#isTaskFar,
      note: (text) => this.#note(text),
      hooksSaid: (text) => this.#hooksSaid.push(text),
      ask: async (prefill, shownAs) => {
        const { content, turn } = await this.#ask({ prefill, shownAs });
        return { content, isCut: isCut(turn) };
      },
      choose: async (format, shownAs) => (await this.#ask({ format, shownAs })).content,
      recordAnswer: (text) => this.#record(text),
    };
  }

  async #do(act: Exclude<Act, { act: 'answer' }>): Promise<string> {
    const doing = this.#doing();
    if (act.act !== 'change' && act.act !== 'create') return perform(act, doing);
    if (act.act === 'change' && this.#mustThink()) await this.#think(act.file, doing);
    return writeFile(act.file, { ...doing, isTaskFar: this.#isTaskFar });
  }

  /** A bug whose location nobody has named. */
  #mustLocate(): boolean {
    const { isFix, check, named } = this.#task;
    const isOpen = isFix && check !== undefined && named.every(isTest) && this.#onHeld === undefined;
    if (!isOpen || this.#hasLocated) return false;
    this.#hasLocated = true;
    return true;
  }

  /** A bug that the model did not see, or misjudged: it says what is wrong before it writes again. */
  #mustThink(): boolean {
    const { vain, failures } = this.#progress;
    return this.#task.isFix && (vain === 1 || (vain === 0 && failures > 0));
  }

  async #think(file: string | undefined, doing: WriteDeps): Promise<void> {
    const { check } = this.#task;
    if (check !== undefined && this.#progress.check === 'not run' && !this.#progress.ran.has(check)) {
      this.#note(await runCheck(check, doing));
      this.#signal.throwIfAborted();
    }
    this.#note(`${ledTexts.task(this.#task.text)}${ledTexts.diagnose(file)}`);
    this.#record((await this.#ask({ shownAs: 'looking for the fault' })).content);
  }

  async #answer(): Promise<string> {
    const { hasChanged } = this.#progress;
    if (this.#task.isPlan)
      this.#note(`${this.#isTaskFar ? ledTexts.task(this.#task.text) : ''}${ledTexts.plan()}`);
    else if (hasChanged) this.#note(ledTexts.answer());
    else if (this.#isTaskFar) this.#note(`${ledTexts.task(this.#task.text)}${ledTexts.reply()}`);
    const first = await this.#ask({});
    this.#record(first.content);
    if (this.#task.isPlan) return this.#inFormat(await this.#plan(first.content));
    if (await this.#takeFiles(first.content)) return this.#answer();
    if (!denies(first.content, this.#deps)) return this.#inFormat(first.content);
    const second = await this.#ask({});
    this.#record(second.content);
    return this.#inFormat(second.content);
  }

  /** A hook that sends the model back to work says what there is to do, as the user would. */
  async #isSentBack(answer: string): Promise<boolean> {
    const unfinished = await this.#deps.hooks?.stop(answer);
    if (unfinished === undefined) return false;
    this.#note(unfinished);
    this.#reopen([unfinished], await listFiles(this.#deps.cwd, this.#signal));
    return true;
  }

  /** The plan, which is asked for once more with its first number already written if it is none. */
  async #plan(answer: string): Promise<string> {
    if (isPlan(answer)) return answer;
    this.#deps.emit({ type: 'retry', attempt: 1, max: 1, reason: NO_PLAN, isModelFault: true });
    this.#note(notes.noPlan());
    const { content } = await this.#ask({ prefill: '1. ', shownAs: 'planning', isShownWhole: true });
    this.#record(content);
    return content;
  }

  /** In the format that the caller asked for. */
  #inFormat(answer: string): Promise<string> | string {
    const { outputSchema } = this.#deps;
    return outputSchema === undefined ? answer : answerAsJson(this.#deps, outputSchema, this.#signal);
  }

  /**
   * Whole files below their names, in the answer to a task, are the change itself. @returns whether any was written.
   */
  async #takeFiles(answer: string): Promise<boolean> {
    const { hasChanged } = this.#progress;
    if (this.#task.kind === 'question' || hasChanged || this.#hasTakenFiles) return false;
    this.#hasTakenFiles = true;
    const files = await listFiles(this.#deps.cwd, this.#signal);
    const given = filesInAnswer(answer, (name) => files.includes(name) || this.#task.missing.includes(name));
    for (const { file, text } of given) this.#note(await writeGiven(file, text, this.#doing()));
    return this.#progress.hasChanged;
  }

  #ask(options: SampleOptions): Promise<Answer> {
    // No tools: choices are made within a grammar, and texts are only texts.
    return sample(this.#deps, [], this.#signal, options);
  }

  /** With what hooks have said meanwhile. */
  #note(content: string): void {
    this.#deps.history.note([content, ...this.#hooksSaid.splice(0)].join('\n'));
  }

  #record(content: string): void {
    this.#isTaskFar = true;
    this.#deps.history.record({ type: 'assistant', content, thinking: '', calls: [] });
  }
}
