/** The quality of the search has a floor: over real sources of a pinned package, with a history that is made here. */
import { cpSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { measureRetrieval } from '../bench/retrieval.ts';
import { commit, repository, write } from './repository.ts';

const PACKAGE = path.resolve(import.meta.dirname, '../../node_modules/zod/src/v4/core');

/** What somebody would write above a change of the file. */
const CHANGES: readonly (readonly [string, string])[] = [
  ['regexes.ts', 'Accept plus signs in email addresses'],
  ['regexes.ts', 'Pattern for IPv6 with a prefix length'],
  ['to-json-schema.ts', 'JSON schema output keeps the default of optional fields'],
  ['errors.ts', 'Flattened error shows the path of each issue'],
  ['parse.ts', 'Safe parse returns a promise in async mode'],
  ['checks.ts', 'Length check counts code points of strings'],
  ['registries.ts', 'Registry forgets metadata of a removed schema'],
  ['doc.ts', 'Generated function documents are indented by two spaces'],
  ['api.ts', 'Stringbool takes its truthy values case-insensitively'],
  ['core.ts', 'Global configuration can switch off code generation'],
  ['util.ts', 'Object shape is cached after it was cloned or extended'],
  ['schemas.ts', 'Discriminated union reports an unknown discriminator'],
];

test('what a commit or a comment speaks of is found', { timeout: 60_000 }, async () => {
  const root = repository();
  cpSync(PACKAGE, path.join(root, 'src'), { recursive: true, filter: (name) => !name.includes('tests') });
  commit(root, 'Import');
  for (const [name, subject] of CHANGES) {
    const file = path.join('src', name);
    write(root, { [file]: `${readFileSync(path.join(root, file), 'utf8')}\n` });
    commit(root, subject);
  }
  const figures = await measureRetrieval(root, 40);
  const floors = [
    { set: 'A', recall5: 0.83, recall10: 0.95, mrr: 0.56 },
    { set: 'B', recall5: 0.7, recall10: 0.8, mrr: 0.5 },
  ];
  expect(figures.map(({ name }) => name.charAt(0))).toEqual(floors.map(({ set }) => set));
  for (const [at, { set, ...floor }] of floors.entries()) {
    const { recall5 = 0, recall10 = 0, mrr = 0 } = figures[at] ?? {};
    const below = Object.entries({ recall5, recall10, mrr }).filter(
      ([name, value]) => value < floor[name as keyof typeof floor],
    );
    expect([set, below]).toEqual([set, []]);
  }
});
