/** How a project of JavaScript is tested: with its script `test`, by its package manager; else with the runner of Bun or Deno. */
import type { FindTests } from './project-folder.ts';
import { denoTask, manifestOf, packageScript } from './project-scripts.ts';

/** What npm writes into a new package.json. */
const NO_TEST = /no test specified/;
/** How each package manager runs a script of package.json. */
const MANAGERS: readonly {
  readonly name: string;
  readonly locks: readonly string[];
  readonly run: string;
}[] = [
  { name: 'pnpm', locks: ['pnpm-lock.yaml'], run: 'pnpm' },
  { name: 'yarn', locks: ['yarn.lock'], run: 'yarn' },
  // `bun test` is its own runner.
  { name: 'bun', locks: ['bun.lock', 'bun.lockb'], run: 'bun run' },
  { name: 'npm', locks: ['package-lock.json'], run: 'npm' },
];

export const nodeTests: FindTests = (folder, locks) => {
  if (!folder.has('package.json')) return undefined;
  const { packageManager } = manifestOf(folder, 'package.json');
  const named = typeof packageManager === 'string' ? packageManager.split('@')[0] : '';
  const manager =
    MANAGERS.find(({ name }) => name === named) ??
    MANAGERS.find((one) => one.locks.some((lock) => locks(lock)));
  const script = packageScript(folder);
  if (script === undefined) return manager?.name === 'bun' ? 'bun test' : undefined;
  return NO_TEST.test(script) ? undefined : `${manager?.run ?? 'npm'} test`;
};

/** The sandbox decides what tests may touch; Deno has nobody to ask. */
export const denoTests: FindTests = (folder) => {
  if (!folder.has('deno.json') && !folder.has('deno.jsonc')) return undefined;
  return denoTask(folder) === undefined ? 'deno test -A' : 'deno task test';
};
