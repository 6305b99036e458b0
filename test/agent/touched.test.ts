import fc from 'fast-check';
import { expect, test } from 'vitest';
import { touchedBy } from '../../src/agent/touched.ts';

test('the files that a call reads or changes, as it names them', () => {
  const patch = '*** Begin Patch\n*** Update File: a/b.sql\n*** Move to: c d.sql\n@@\n-x\n+y\n*** End Patch';
  expect([
    touchedBy({ arguments: { path: 'src/x' } }),
    touchedBy({ arguments: { input: patch } }),
    touchedBy({
      arguments: { cmd: `cat "db/one.sql"|head;sed -n 1,3p ./two.sql>out.txt && ls *.md $HOME/x` },
    }),
    touchedBy({ arguments: { command: `apply_patch <<'E'\n*** Add File: new.sql\n+x\nE` } }),
    touchedBy({ arguments: { query: 'a.sql', pattern: 'x/y' } }),
    touchedBy({ arguments: { path: 3, cmd: null } }),
  ]).toEqual([
    ['src/x'],
    ['a/b.sql', 'c d.sql'],
    ['db/one.sql', './two.sql', 'out.txt'],
    ['new.sql'],
    [],
    [],
  ]);
});

test('any arguments give paths', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.anything()), (args) => {
      expect(touchedBy({ arguments: args }).every((file) => typeof file === 'string')).toBe(true);
    }),
  );
});
