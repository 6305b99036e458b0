/** What `mutate.ts` works with: the lists of faults, the sources that they are put into, and whether the result is a program. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from 'rolldown/utils';
import type { Mutation } from '../test/mutations/mutation.ts';
import type { Planned } from './mutate-plan.ts';

export const root = path.dirname(import.meta.dirname);

/** Every fault of test/mutations/, in the order of the files' names. */
export async function allMutations(): Promise<readonly Mutation[]> {
  const lists: Mutation[] = [];
  for (const file of globSync('test/mutations/*.ts', { cwd: root }).sort()) {
    const module: { readonly mutations?: readonly Mutation[] } = await import(path.join(root, file));
    lists.push(...(module.mutations ?? []));
  }
  return lists;
}

/** The text of every source file by its path, relative to the project. */
export function sources(): ReadonlyMap<string, string> {
  const files = globSync('src/**/*.{ts,tsx,cjs}', { cwd: root });
  return new Map(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]));
}

/** Whether there is such a test file or folder, relative to the project. */
export const hasTest = (test: string): boolean => existsSync(path.join(root, test));

/** Why the source with its fault cannot be read; undefined: it can. What is no program would be "caught" by any test. */
export function parseError({ file, mutated }: Planned): string | undefined {
  const [error] = transformSync(file, mutated).errors;
  return error === undefined ? undefined : String(error.message);
}
