/** An index that has lived answers as one that is made now, byte for byte. */
import { existsSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { clearIndex } from '../../src/repo-index/clear.ts';
import { IndexCore } from '../../src/repo-index/index-core.ts';
import { commit, git, repository, temporaryFolder, write } from './repository.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const NAMES = [
  'src/login.ts',
  'src/session.ts',
  'src/token.ts',
  'lib/retry.py',
  'docs/login.md',
  'README.md',
];
const WORDS = ['login', 'session', 'token', 'expire', 'retry', 'socket', 'parser', 'colour'];
const QUESTIONS = [
  'login session',
  'where does a token expire?',
  'retry of sockets',
  'colour',
  'parser login',
  'src/login.ts:2 throws, and session.ts too',
];

type Step =
  | { readonly do: 'save'; readonly name: number; readonly words: readonly number[] }
  | { readonly do: 'delete' | 'rename'; readonly name: number }
  | { readonly do: 'commit'; readonly words: readonly number[] }
  | { readonly do: 'branch'; readonly at: number }
  | { readonly do: 'update' | 'stop' | 'clear' | 'reset' };

const some = fc.array(fc.nat(WORDS.length - 1), { minLength: 1, maxLength: 12 });
const name = fc.nat(NAMES.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('save'), name, words: some }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('delete', 'rename'), name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('commit'), words: some }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('branch'), at: fc.nat(2) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('update', 'update', 'stop', 'clear', 'reset') }) },
);

const textOf = (words: readonly number[]): string =>
  words.map((word, at) => `export const ${WORDS[word]}${at % 3} = '${WORDS[word]}';`).join('\n\n');

/** One folder and the index that follows it. */
class Life {
  readonly root = repository(
    Object.fromEntries(NAMES.map((file, at) => [file, `${textOf([at, at + 1])}\n`])),
  );
  readonly #folder = temporaryFolder();
  #core = this.#open();

  async step(step: Step): Promise<void> {
    if (step.do === 'save') write(this.root, { [NAMES[step.name] ?? '']: `${textOf(step.words)}\n` });
    if (step.do === 'delete') rmSync(this.#path(step.name), { force: true });
    if (step.do === 'rename' && existsSync(this.#path(step.name)))
      renameSync(this.#path(step.name), `${this.#path(step.name)}.moved.ts`);
    if (step.do === 'commit') commit(this.root, step.words.map((word) => WORDS[word]).join(' '));
    if (step.do === 'branch') git(this.root, 'checkout', '--quiet', '--force', '-B', `branch${step.at}`);
    if (step.do === 'reset') git(this.root, 'reset', '--quiet', '--hard', 'HEAD~0');
    if (step.do === 'clear') clearIndex(this.#folder);
    if (step.do === 'update') await this.#core.update('all');
    if (step.do === 'stop') await this.#stop();
  }

  async answers(): Promise<string> {
    await this.#core.update('all');
    return answersOf(this.#core);
  }

  async close(): Promise<void> {
    await this.#core.close();
  }

  /** In the middle of its work. */
  async #stop(): Promise<void> {
    const running = this.#core.update('all').catch(() => undefined);
    await this.#core.close();
    await running;
    this.#core = this.#open();
  }

  #path(at: number): string {
    return path.join(this.root, NAMES[at] ?? '');
  }

  #open(): IndexCore {
    return new IndexCore({ root: this.root, folder: this.#folder, watch: false });
  }
}

async function answersOf(core: IndexCore): Promise<string> {
  const answers = [];
  for (const question of QUESTIONS) {
    answers.push(await core.search(question, { limit: 20 }), await core.search(question, { path: 'src' }));
  }
  return JSON.stringify(answers, undefined, 1);
}

async function freshAnswers(root: string): Promise<string> {
  const core = new IndexCore({ root, folder: temporaryFolder(), watch: false });
  await core.update('all');
  const answers = await answersOf(core);
  await core.close();
  return answers;
}

test('after any history the answers are those of a fresh index', async () => {
  const now = Date.now();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      const life = new Life();
      await life.step({ do: 'update' });
      for (const one of steps) await life.step(one);
      vi.spyOn(Date, 'now').mockReturnValue(now);
      const [lived, fresh] = [await life.answers(), await freshAnswers(life.root)];
      vi.restoreAllMocks();
      await life.close();
      expect(lived).toBe(fresh);
    }),
    { numRuns: 15 },
  );
}, 120_000);
