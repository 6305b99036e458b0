/**
 * How well the index finds what was meant: `node test/bench/retrieval.ts [--json] [PATH…]`, default: this repository.
 *
 * Owns: the figures. For each path set A (if it has a whole git history) and set B (if its definitions have comments): recall@5 and
 * recall@10 (of the files of the answer, how many are under the first 5 and 10 places of a search), MRR (1 / place of the first), and
 * the lines of the answer per 1,000 tokens of an injection. Invariants: it writes only to a temporary folder.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { IndexCore } from '../../src/repo-index/index-core.ts';
import { INJECTION, pack, relevant } from '../../src/repo-index/search/pack.ts';
import { count, table } from './report-table.ts';
import { commentQuestions, commitQuestions, type Question } from './retrieval-queries.ts';

const PLACES = 10;
const BUDGET_TOKENS = 4_000;
const FEWEST_QUESTIONS = 10;

export interface RetrievalFigures {
  readonly set: 'A' | 'B';
  readonly name: string;
  readonly questions: number;
  readonly recall5: number;
  readonly recall10: number;
  readonly mrr: number;
  /** Lines of the answer per 1,000 tokens that would be injected: of its files in set A, of its definition in set B. */
  readonly answerLinesPer1000: number;
  /** Tokens of an injection, how often there is one, and how often it has a part of the answer. */
  readonly injectedTokens: number;
  readonly injectedPart: number;
  readonly answeredPart: number;
}

export interface RetrievalOptions {
  /** Questions of a set. Default 150. */
  readonly most?: number;
  /** Without it set A is left out. Default true. */
  readonly history?: boolean;
}

/** The figures of a folder. Sets with fewer than ten questions are left out, and set A where the history is cut off. */
export async function measureRetrieval(
  root: string,
  { most = 150, history = true }: RetrievalOptions = {},
): Promise<RetrievalFigures[]> {
  const work = mkdtempSync(path.join(os.tmpdir(), 'oagent-retrieval-'));
  const name = path.basename(root);
  try {
    const figures: RetrievalFigures[] = [];
    const commits = history && hasHistory(root) ? commitQuestions(root, most) : [];
    if (commits.length >= FEWEST_QUESTIONS) {
      const tree = path.join(work, 'a');
      execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, tree]);
      figures.push({ set: 'A', name, ...(await measure(tree, path.join(work, 'index-a'), commits)) });
    }
    const copy = path.join(work, 'b');
    mkdirSync(copy);
    const comments = await commentQuestions(root, copy, most);
    if (comments.length >= FEWEST_QUESTIONS)
      figures.push({ set: 'B', name, ...(await measure(copy, path.join(work, 'index-b'), comments)) });
    return figures;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Whether the folder is the top of a git repository with all of its commits. */
function hasHistory(root: string): boolean {
  const git = (...args: string[]) => spawnSync('git', args, { cwd: root, encoding: 'utf8' });
  return (
    existsSync(path.join(root, '.git')) &&
    git('rev-parse', '--is-shallow-repository').stdout.trim() === 'false' &&
    git('rev-parse', '--verify', '--quiet', 'HEAD').status === 0
  );
}

async function measure(
  root: string,
  folder: string,
  questions: readonly Question[],
): Promise<Omit<RetrievalFigures, 'set' | 'name'>> {
  const core = new IndexCore({ root, folder, watch: false });
  let at: string | undefined;
  let [count, recall5, recall10, mrr] = [0, 0, 0, 0];
  let [lines, tokens, injected, answered] = [0, 0, 0, 0];
  if (questions[0]?.commit === undefined) await core.update('all');
  for (const { text, files, commit, lines: definition } of questions) {
    if (commit !== at) {
      const parent = `${commit}~1`;
      // The first commit has no tree before it.
      if (spawnSync('git', ['checkout', '--quiet', '--force', parent], { cwd: root }).status !== 0) continue;
      await core.update('all');
      at = commit;
    }
    const found = (await core.search(text, { limit: PLACES })).map(({ path: file }) => file);
    const recall = (most: number) =>
      files.filter((file) => found.slice(0, most).includes(file)).length / files.length;
    const place = found.findIndex((file) => files.includes(file));
    count += 1;
    recall5 += recall(5);
    recall10 += recall(10);
    mrr += place < 0 ? 0 : 1 / (place + 1);
    const packed = pack(relevant(await core.search(text, INJECTION)), BUDGET_TOKENS);
    const { start, end } = definition ?? { start: 1, end: Infinity };
    const answer = packed.excerpts
      .filter((excerpt) => files.includes(excerpt.path))
      .map((excerpt) => Math.max(0, Math.min(end, excerpt.end) - Math.max(start, excerpt.start) + 1))
      .reduce((sum, part) => sum + part, 0);
    lines += answer;
    tokens += packed.tokens;
    injected += packed.text === '' ? 0 : 1;
    answered += answer > 0 ? 1 : 0;
  }
  await core.close();
  return {
    questions: count,
    recall5: recall5 / count,
    recall10: recall10 / count,
    mrr: mrr / count,
    answerLinesPer1000: tokens === 0 ? 0 : (lines / tokens) * 1_000,
    injectedTokens: tokens / count,
    injectedPart: injected / count,
    answeredPart: answered / count,
  };
}

function rowOf(figures: RetrievalFigures): string[] {
  const percent = (part: number): string => `${(part * 100).toFixed(0)} %`;
  const { set, name, questions, recall5, recall10, mrr, answerLinesPer1000, injectedTokens } = figures;
  return [
    `${set} ${name}`,
    count(questions),
    ...[recall5, recall10, mrr].map((value) => value.toFixed(3)),
    answerLinesPer1000.toFixed(1),
    count(injectedTokens),
    percent(figures.injectedPart),
    percent(figures.answeredPart),
  ];
}

const HEAD = [
  'search by words alone',
  'questions',
  'recall@5',
  'recall@10',
  'MRR',
  'answer lines / 1,000 tokens',
  'tokens',
  'injected',
  'answered',
];

if (process.argv[1] === import.meta.filename) {
  const args = process.argv.slice(2);
  const isJson = args.includes('--json');
  const roots = args.filter((arg) => arg !== '--json').map((arg) => path.resolve(arg));
  const all: RetrievalFigures[] = [];
  for (const root of roots.length > 0 ? roots : [path.resolve(import.meta.dirname, '../..')])
    all.push(...(await measureRetrieval(root)));
  const report = (): string =>
    [
      table(HEAD, all.map(rowOf)),
      '',
      '- A: subjects of commits, and the files that they changed. B: first sentences of comments with the name taken out, and their files',
      '  without any comments. The last four columns are about what is put behind a message: how much, how often, with a part of the answer.',
    ].join('\n');
  process.stdout.write(`${isJson ? JSON.stringify(all, null, 2) : report()}\n`);
}
