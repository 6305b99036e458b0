/**
 * Is the right memory recalled, and none where none is of use? `node test/bench/memory-recall.ts [--all]`
 *
 * With `--all` every question is shown, otherwise those that went wrong.
 */
import { Ranking } from '../../src/memory/use/rank.ts';
import { memoriesFor } from './memory/memories.ts';
import { type Asked, DEV, DEV_UNRELATED } from './memory/questions.ts';

const SHOWN = 3;

function recalled({ folder, text }: Asked): { readonly id: string; readonly score: number }[] {
  return new Ranking(memoriesFor(folder, text))
    .about(text)
    .slice(0, SHOWN)
    .map(({ memory, score }) => ({ id: memory.id, score }));
}

function report(name: string, questions: readonly Asked[]): void {
  let good = 0;
  let injected = 0;
  for (const asked of questions) {
    const found = recalled(asked);
    const isGood =
      asked.about.length === 0 ? found.length === 0 : found.some(({ id }) => asked.about.includes(id));
    if (isGood) good += 1;
    injected += found.length;
    if (isGood && !process.argv.includes('--all')) continue;
    const list = found.map(({ id, score }) => `${id} ${score.toFixed(2)}`).join(', ');
    const all = new Ranking(memoriesFor(asked.folder, asked.text)).search(asked.text);
    const near = all
      .slice(0, 3)
      .map(
        (one) =>
          `${one.memory.id} ${one.score.toFixed(2)}/${(one as never as { coverage: number }).coverage.toFixed(2)}/${(one as never as { words: number }).words}`,
      )
      .join(', ');
    const want = all.find((one) => asked.about.includes(one.memory.id));
    process.stdout.write(
      `  ${isGood ? 'ok ' : 'BAD'} ${asked.text}\n      wanted ${asked.about.join(' or ') || 'nothing'}; got ${list || 'nothing'}; near ${near}; ${want === undefined ? '-' : JSON.stringify({ ...want, memory: 0 })}\n`,
    );
  }
  process.stdout.write(`${name}: ${good} of ${questions.length}, ${injected} injected\n`);
}

report('dev', DEV);
report('dev, unrelated', DEV_UNRELATED);
