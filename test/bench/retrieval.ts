/**
 * How well the index finds what was meant: `node test/bench/retrieval.ts [--json] [--packages] [PATH…]`, default: this repository.
 *
 * Owns: the figures. For each path set A (if it has a whole git history) and set B (if its definitions have comments); `--packages`
 * fetches the packages of set C (user-questions.ts) for B, C, and messages about nothing. Recall@5 and recall@10 (of the files of
 * the answer, how many are under the first 5 and 10 places of a search), MRR (1 / place of the first), and what is put behind a message,
 * beside the first five places as they are. Invariants: it writes only to a temporary folder.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { IndexCore } from '../../src/repo-index/index-core.ts';
import { INJECTION, pack, relevant } from '../../src/repo-index/search/pack.ts';
import type { SearchHit } from '../../src/repo-index/search/search.ts';
import { queryTokens } from '../../src/repo-index/store/tokens.ts';
import { fetchPackage } from './fetch-package.ts';
import { count, table } from './report-table.ts';
import { commentQuestions, commitQuestions, type Question } from './retrieval-queries.ts';
import { NOISE, USER_QUESTIONS } from './user-questions.ts';

const PLACES = 10;
/** An eighth of a window of 32k, and of 8k. */
const BUDGETS = [4_096, 1_024] as const;
const FEWEST_QUESTIONS = 10;
/** A shorter message is a reply: nothing is searched for. */
const LEAST_TOKENS = 2;

export interface RetrievalFigures {
  /** N: messages about nothing; only `injectedPart` and the tokens say something. */
  readonly set: 'A' | 'B' | 'C' | 'N';
  readonly name: string;
  readonly questions: number;
  readonly recall5: number;
  readonly recall10: number;
  readonly mrr: number;
  /** Lines of the answer per 1,000 tokens that would be injected: of its files in sets A and C, of its definition in set B. */
  readonly answerLinesPer1000: number;
  /** The same for the first five places with all of their lines. */
  readonly plainLinesPer1000: number;
  /** Tokens of an injection with a window of 32k and of 8k, and how often there is one. */
  readonly injectedTokens: number;
  readonly injectedTokens8k: number;
  readonly injectedPart: number;
  /** Of the questions with a right file among the first ten places: how often one is injected at 32k. */
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
  const asked: Asked[] = [];
  if (questions[0]?.commit === undefined) await core.update('all');
  for (const question of questions) {
    const { commit } = question;
    if (commit !== at) {
      const parent = `${commit}~1`;
      // The first commit has no tree before it.
      if (spawnSync('git', ['checkout', '--quiet', '--force', parent], { cwd: root }).status !== 0) continue;
      await core.update('all');
      at = commit;
    }
    asked.push(await ask(core, question));
  }
  await core.close();
  const sum = (value: (one: Asked) => number): number => asked.reduce((total, one) => total + value(one), 0);
  const mean = (value: (one: Asked) => number): number => sum(value) / Math.max(1, asked.length);
  const per1000 = (part: (one: Asked) => Part): number =>
    (sum((one) => part(one).lines) /
      Math.max(
        1,
        sum((one) => part(one).tokens),
      )) *
    1_000;
  const found = asked.filter(({ place }) => place !== undefined).length;
  return {
    questions: asked.length,
    recall5: mean(({ recall5 }) => recall5),
    recall10: mean(({ recall10 }) => recall10),
    mrr: mean(({ place }) => (place === undefined ? 0 : 1 / place)),
    answerLinesPer1000: per1000(({ injected }) => injected),
    plainLinesPer1000: per1000(({ plain }) => plain),
    injectedTokens: mean(({ injected }) => injected.tokens),
    injectedTokens8k: mean(({ injected8k }) => injected8k.tokens),
    injectedPart: mean(({ injected }) => (injected.tokens > 0 ? 1 : 0)),
    answeredPart:
      sum(({ place, injected }) => (place !== undefined && injected.hasFile ? 1 : 0)) / Math.max(1, found),
  };
}

/** What a model would read. */
interface Part {
  readonly tokens: number;
  /** Of the answer. */
  readonly lines: number;
  /** Something of a file of the answer. */
  readonly hasFile: boolean;
}

interface Asked {
  readonly recall5: number;
  readonly recall10: number;
  /** Of the first right file, from 1. */
  readonly place: number | undefined;
  readonly injected: Part;
  readonly injected8k: Part;
  readonly plain: Part;
}

async function ask(core: IndexCore, { text, files, lines: definition }: Question): Promise<Asked> {
  const hits = await core.search(text, { limit: PLACES });
  const found = hits.map(({ path: file }) => file);
  const recall = (most: number) =>
    files.filter((file) => found.slice(0, most).includes(file)).length / Math.max(1, files.length);
  const place = found.findIndex((file) => files.includes(file));
  const { start, end } = definition ?? { start: 1, end: Infinity };
  const part = (list: readonly SearchHit[], budget: number): Part => {
    const { tokens, excerpts } = pack(list, budget);
    const right = excerpts.filter((excerpt) => files.includes(excerpt.path));
    const lines = right.map((excerpt) =>
      Math.max(0, Math.min(end, excerpt.end) - Math.max(start, excerpt.start) + 1),
    );
    return { tokens, lines: lines.reduce((sum, some) => sum + some, 0), hasFile: right.length > 0 };
  };
  const behind = queryTokens(text).length < LEAST_TOKENS ? [] : relevant(await core.search(text, INJECTION));
  return {
    recall5: recall(5),
    recall10: recall(PLACES),
    place: place < 0 ? undefined : place + 1,
    injected: part(behind, BUDGETS[0]),
    injected8k: part(behind, BUDGETS[1]),
    plain: part(hits.slice(0, 5), Infinity),
  };
}

/** Sets B, C and N over the packages of set C. */
async function measurePackages(): Promise<RetrievalFigures[]> {
  const work = mkdtempSync(path.join(os.tmpdir(), 'oagent-packages-'));
  const noise = NOISE.map((text): Question => ({ text, files: [] }));
  const figures: RetrievalFigures[] = [];
  try {
    for (const one of USER_QUESTIONS) {
      const root = path.join(work, path.posix.basename(one.name));
      await fetchPackage(one, root);
      const name = `${one.part} ${one.name}`;
      for (const b of await measureRetrieval(root, { history: false })) figures.push({ ...b, name });
      const questions = one.questions.map(([text, ...files]): Question => ({ text, files }));
      const folder = path.join(work, `index-${path.basename(root)}`);
      figures.push({ set: 'C', name, ...(await measure(root, folder, questions)) });
      figures.push({ set: 'N', name, ...(await measure(root, folder, noise)) });
    }
    return [...figures, ...means(figures)];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Each set over all packages of a part, every question counting the same. */
function means(figures: readonly RetrievalFigures[]): RetrievalFigures[] {
  const groups = Map.groupBy(figures, ({ set, name }) => `${set} ${name.slice(0, name.indexOf(' '))}`);
  return [...groups].flatMap(([key, list]) => {
    const [first] = list;
    if (first === undefined) return [];
    const questions = list.reduce((sum, one) => sum + one.questions, 0);
    const mean = (value: (one: RetrievalFigures) => number): number =>
      list.reduce((sum, one) => sum + value(one) * one.questions, 0) / questions;
    return {
      set: first.set,
      name: `all ${key.slice(2)}`,
      questions,
      recall5: mean(({ recall5 }) => recall5),
      recall10: mean(({ recall10 }) => recall10),
      mrr: mean(({ mrr }) => mrr),
      answerLinesPer1000: mean(({ answerLinesPer1000 }) => answerLinesPer1000),
      plainLinesPer1000: mean(({ plainLinesPer1000 }) => plainLinesPer1000),
      injectedTokens: mean(({ injectedTokens }) => injectedTokens),
      injectedTokens8k: mean(({ injectedTokens8k }) => injectedTokens8k),
      injectedPart: mean(({ injectedPart }) => injectedPart),
      answeredPart: mean(({ answeredPart }) => answeredPart),
    };
  });
}

function rowOf(figures: RetrievalFigures): string[] {
  const percent = (part: number): string => `${(part * 100).toFixed(0)} %`;
  const { set, name, questions, recall5, recall10, mrr } = figures;
  const { answerLinesPer1000, plainLinesPer1000, injectedTokens, injectedTokens8k } = figures;
  return [
    `${set} ${name}`,
    count(questions),
    ...[recall5, recall10, mrr].map((value) => value.toFixed(3)),
    answerLinesPer1000.toFixed(1),
    plainLinesPer1000.toFixed(1),
    count(injectedTokens),
    count(injectedTokens8k),
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
  'first five',
  'tokens',
  'at 8k',
  'injected',
  'answered',
];

if (process.argv[1] === import.meta.filename) {
  const args = process.argv.slice(2);
  const isJson = args.includes('--json');
  const roots = args.filter((arg) => !arg.startsWith('--')).map((arg) => path.resolve(arg));
  const all: RetrievalFigures[] = [];
  for (const root of roots.length > 0 ? roots : [path.resolve(import.meta.dirname, '../..')])
    all.push(...(await measureRetrieval(root)));
  if (args.includes('--packages')) all.push(...(await measurePackages()));
  const report = (): string =>
    [
      table(HEAD, all.map(rowOf)),
      '',
      '- A: subjects of commits, and the files that they changed. B: first sentences of comments with the name taken out, and their files',
      '  without any comments. C: questions in the words of users. N: messages about nothing. `first five`: the lines per 1,000 tokens of',
      '  the first five places as they are. The last four columns are about what is put behind a message: how much, how often, and how',
      '  often with a file of the answer, if that is among the first ten places.',
    ].join('\n');
  process.stdout.write(`${isJson ? JSON.stringify(all, null, 2) : report()}\n`);
}
