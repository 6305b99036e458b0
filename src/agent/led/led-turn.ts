/**
 * A turn in which the harness leads: the model chooses each step from what makes sense now, and writes whole texts.
 *
 * The same tools, sandbox, approvals, history and events as in any turn; another way to choose. Invariants: every step is a
 * request that continues the one before; it ends with an answer, or says why it gave up.
 * Does not: decide which models are led (model/call-profile.ts).
 */
import writeText from '../../../prompts/led/write.md?raw';
import { ModelError } from '../../model/errors.ts';
import { account } from '../accounting.ts';
import { type Answer, type SampleOptions, sample, type ToolSchemas } from '../sample.ts';
import { recordSteering, type TurnDeps } from '../turn.ts';
import { type Act, actSchema, onlyAct, possibleActs, readAct } from './acts.ts';
import { languageOf, problemOf, textOfAnswer } from './file-text.ts';
import { openingOf } from './opening.ts';
import { type PerformDeps, perform, writeWhole } from './perform.ts';
import { Progress } from './progress.ts';
import { readTask, type Task } from './task.ts';
import { listFiles, readText } from './workspace.ts';

const MOST_STEPS = 16;
const MOST_BROKEN = 3;
/** Choices are a grammar, and texts are texts. */
const NO_TOOLS: ToolSchemas = { offered: [], known: [] };

/** What is put in front of the message: recorded before it. */
export interface LedOpening {
  readonly text: string;
  readonly task: Task;
  readonly progress: Progress;
}

export async function openLedTurn(cwd: string, message: string, signal: AbortSignal): Promise<LedOpening> {
  const files = await listFiles(cwd, signal);
  const task = readTask(message, files);
  const progress = new Progress();
  const budget = { listing: 600, named: 12_000, others: 1_500 };
  const opening = await openingOf(cwd, task, files, budget, () => false);
  for (const { file } of opening.shown) progress.inView.add(file);
  return { text: opening.text, task, progress };
}

/** @returns the text of the answer. @throws ModelError when it gives up; the signal's reason. */
export async function runLedTurn(
  deps: TurnDeps,
  { task, progress }: LedOpening,
  signal: AbortSignal,
): Promise<string> {
  let broken = 0;
  for (let step = 0; step < MOST_STEPS; step += 1) {
    recordSteering(deps);
    const files = await listFiles(deps.cwd, signal);
    const acts = possibleActs({ task, files, progress });
    const act =
      onlyAct(acts) ?? readAct((await ask(deps, signal, { format: actSchema(acts) })).content, acts);
    if (act === undefined) {
      broken += 1;
      if (broken > MOST_BROKEN) break;
      continue;
    }
    // Without the blanks that a grammar lets through: what is short here is written short the next time.
    deps.history.record({
      type: 'assistant',
      content: JSON.stringify(act),
      thinking: '',
      calls: [],
    });
    if (act.act === 'answer') return finish(deps, act.text);
    const told = await doAct(act, deps, { task, progress }, signal);
    signal.throwIfAborted();
    deps.history.record({ type: 'user', kind: 'note', content: told });
  }
  throw new ModelError(`the model did not come to an end within ${MOST_STEPS} steps`, 'fail');
}

async function doAct(
  act: Exclude<Act, { act: 'answer' }>,
  deps: TurnDeps,
  { task, progress }: Pick<LedOpening, 'task' | 'progress'>,
  signal: AbortSignal,
): Promise<string> {
  const { cwd, tools, contextOf, nextCallId, room } = deps;
  const doing: PerformDeps = {
    cwd,
    tools,
    contextOf,
    nextCallId,
    outputBytes: room.outputBytes(1),
    task,
    progress,
  };
  if (act.act !== 'change' && act.act !== 'create') return perform(act, doing);
  const old = await readText(cwd, act.file);
  const what = old === undefined ? 'text' : 'new text';
  const wanted = writeText.trim().replace('{what}', what).replace('{file}', act.file);
  deps.history.record({ type: 'user', kind: 'note', content: wanted });
  const answer = await ask(deps, signal, { prefill: `\`\`\`${languageOf(act.file)}\n` });
  const text = textOfAnswer(answer.content, old);
  const problem = problemOf(text, old, act.file);
  if (problem !== undefined) {
    // The text itself is not kept: a model that has it before its eyes writes it again.
    progress.noteVain(act.file);
    return `Nothing changed: ${problem}.`;
  }
  deps.history.record({ type: 'assistant', content: answer.content, thinking: answer.thinking, calls: [] });
  return writeWhole(act.file, old, text, doing);
}

async function ask(deps: TurnDeps, signal: AbortSignal, options: SampleOptions): Promise<Answer> {
  if (deps.room.isDue) await deps.room.compact(signal);
  const answer = await sample(deps, NO_TOOLS, signal, {
    isSilent: true,
    ...options,
  });
  account(deps, answer);
  return answer;
}

function finish(deps: TurnDeps, text: string): string {
  const id = deps.nextItemId();
  const item = { type: 'agent_message', id } as const;
  deps.emit({ type: 'item_started', item: { ...item, text: '', status: 'in_progress' } });
  deps.emit({ type: 'item_delta', itemId: id, text });
  deps.emit({ type: 'item_completed', item: { ...item, text, status: 'completed' } });
  return text;
}
