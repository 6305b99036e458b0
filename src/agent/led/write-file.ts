/**
 * Asks for the text of a file and writes it.
 *
 * Invariants: what is asked for is plain text, not JSON and not a patch; a text that cannot be meant is not written and not
 * kept, because a model that has it before its eyes writes it again. Does not: choose the file.
 */
import { languageOf, problemOf, textOfAnswer } from './file-text.ts';
import { ledTexts } from './led-texts.ts';
import { type PerformDeps, writeWhole } from './perform.ts';
import { readText } from './workspace.ts';

export interface WriteDeps extends PerformDeps {
  /** Says something to the model. */
  readonly note: (text: string) => void;
  /** Asks for an answer that begins with `prefill`. */
  readonly ask: (prefill: string) => Promise<string>;
  readonly recordAnswer: (text: string) => void;
  /** Something was said between the task and this. */
  readonly isTaskFar: boolean;
}

/** @returns what the model is told. */
export async function writeFile(file: string, deps: WriteDeps): Promise<string> {
  const { task, progress } = deps;
  const old = await readText(deps.cwd, file);
  const what = old === undefined ? 'text' : task.isFix ? 'corrected text' : 'new text';
  // Markdown has fences of its own inside.
  const fence = languageOf(file) === 'markdown' ? '````' : '```';
  const again = deps.isTaskFar ? ledTexts.task(task.text) : '';
  deps.note(`${again}${ledTexts.write(file, what, fence)}`);
  const answer = await deps.ask(`${fence}${languageOf(file)}\n`);
  const text = textOfAnswer(answer, fence, old);
  const problem = problemOf(text, old, { file, task: task.text });
  if (problem !== undefined) {
    progress.noteVain(file);
    return `Nothing changed: ${problem}.`;
  }
  deps.recordAnswer(answer);
  return writeWhole(file, old, text, deps);
}
