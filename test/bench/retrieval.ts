/**
 * How well the index finds what was meant: `node test/bench/retrieval.ts [--json] [PATH…]`, default: this repository.
 *
 * Owns: the figures. For each path set A (if it has a git history) and set B (if its definitions have comments): recall@5 and
 * recall@10 (of the files of the answer, how many are under the first 5 and 10), MRR (1 / place of the first), and for set B the lines
 * of the answer per 1,000 tokens of an injection. Invariants: it writes only to a temporary folder.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createIndexCore, type IndexCore } from '../../src/repo-index/index-core.ts';
import { pack, relevant } from '../../src/repo-index/pack.ts';
import { searchFiles } from '../../src/repo-index/search.ts';
import { createSyntax } from '../../src/repo-index/syntax.ts';
import { commentQuestions, commitQuestions, type Question } from './retrieval-queries.ts';

const PLACES = 50;
const BUDGET_TOKENS = 4_000;
const FEWEST_QUESTIONS = 10;

export interface RetrievalFigures {
  readonly name: string;
  readonly questions: number;
  readonly recall5: number;
  readonly recall10: number;
  readonly mrr: number;
  /** Lines of the answer per 1,000 tokens that would be injected; set B only. */
  readonly answerLinesPer1000?: number;
  /** Tokens of an injection, and how often there is one; set B only. */
  readonly injectedTokens?: number;
  readonly injectedPart?: number;
}

/** The figures of a folder. Sets with fewer than ten questions are left out. */
export async function measureRetrieval(root: string, most = 150): Promise<RetrievalFigures[]> {
  const work = mkdtempSync(path.join(os.tmpdir(), 'oagent-retrieval-'));
  try {
    const figures: RetrievalFigures[] = [];
    if (existsSync(path.join(root, '.git'))) {
      const questions = commitQuestions(root, most);
      const tree = path.join(work, 'a');
      execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, tree]);
      if (questions.length >= FEWEST_QUESTIONS)
        figures.push(await measureCommits(`A ${path.basename(root)}`, tree, work, questions));
    }
    const copy = path.join(work, 'b');
    mkdirSync(copy);
    const questions = await commentQuestions(root, copy, most);
    if (questions.length >= FEWEST_QUESTIONS)
      figures.push(await measureComments(`B ${path.basename(root)}`, copy, work, questions));
    return figures;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function measureCommits(
  name: string,
  tree: string,
  work: string,
  questions: readonly Question[],
): Promise<RetrievalFigures> {
  const core = createIndexCore({ root: tree, folder: path.join(work, 'index-a'), watch: false });
  const tally = createTally();
  for (const question of questions) {
    const parent = `${question.commit}~1`;
    try {
      execFileSync('git', ['checkout', '--quiet', '--force', parent], { cwd: tree, stdio: 'ignore' });
    } catch {
      continue; // The first commit has no tree before it.
    }
    await core.update('all');
    tally.add(question, await filesOf(core, tree, question));
  }
  await core.close();
  return { name, ...tally.figures() };
}

async function measureComments(
  name: string,
  copy: string,
  work: string,
  questions: readonly Question[],
): Promise<RetrievalFigures> {
  const core = createIndexCore({ root: copy, folder: path.join(work, 'index-b'), watch: false });
  await core.update('all');
  const tally = createTally();
  let [lines, tokens, injected] = [0, 0, 0];
  for (const question of questions) {
    tally.add(question, await filesOf(core, copy, question));
    const packed = pack(relevant(await core.search(question.text, { limit: 24 })), BUDGET_TOKENS);
    tokens += packed.tokens;
    injected += packed.text === '' ? 0 : 1;
    const { start, end } = question.lines ?? { start: 1, end: 0 };
    for (const excerpt of packed.excerpts)
      if (question.files.includes(excerpt.path))
        lines += Math.max(0, Math.min(end, excerpt.end) - Math.max(start, excerpt.start) + 1);
  }
  await core.close();
  return {
    name,
    ...tally.figures(),
    answerLinesPer1000: tokens === 0 ? 0 : (lines / tokens) * 1_000,
    injectedTokens: tokens / questions.length,
    injectedPart: injected / questions.length,
  };
}

async function filesOf(core: IndexCore, root: string, { text }: Question): Promise<string[]> {
  const index = { root, store: core.store(), syntax: createSyntax() };
  return (await searchFiles(index, text, { limit: PLACES })).map(({ path: file }) => file);
}

function createTally() {
  let [count, recall5, recall10, mrr] = [0, 0, 0, 0];
  return {
    add({ files }: Question, found: readonly string[]): void {
      const recall = (most: number) =>
        files.filter((file) => found.slice(0, most).includes(file)).length / files.length;
      count += 1;
      recall5 += recall(5);
      recall10 += recall(10);
      const place = found.findIndex((file) => files.includes(file));
      mrr += place < 0 ? 0 : 1 / (place + 1);
    },
    figures: () => ({
      questions: count,
      recall5: recall5 / count,
      recall10: recall10 / count,
      mrr: mrr / count,
    }),
  };
}

function row({ name, questions, recall5, recall10, mrr, ...rest }: RetrievalFigures): string {
  const figures = [recall5, recall10, mrr].map((value) => value.toFixed(3)).join('  ');
  const injection =
    rest.answerLinesPer1000 === undefined
      ? ''
      : `  ${rest.answerLinesPer1000.toFixed(1)} lines/1000 tokens, ${rest.injectedTokens?.toFixed(0)} tokens in ${((rest.injectedPart ?? 0) * 100).toFixed(0)} %`;
  return `${name.padEnd(24)} ${String(questions).padStart(4)}  ${figures}${injection}`;
}

if (process.argv[1] === import.meta.filename) {
  const args = process.argv.slice(2);
  const isJson = args.includes('--json');
  const roots = args.filter((arg) => arg !== '--json').map((arg) => path.resolve(arg));
  const all: RetrievalFigures[] = [];
  if (!isJson) process.stdout.write('set and path               questions  r@5  r@10  MRR\n');
  for (const root of roots.length > 0 ? roots : [path.resolve(import.meta.dirname, '../..')]) {
    const figures = await measureRetrieval(root);
    all.push(...figures);
    if (!isJson) for (const figure of figures) process.stdout.write(`${row(figure)}\n`);
  }
  if (isJson) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
}
