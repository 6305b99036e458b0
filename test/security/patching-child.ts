/**
 * Applies patches of twelve files in argv[2] until it is killed, written down in argv[3]; says the number of each that was
 * reported. Every file says which patch was the last; so do the names of some.
 */
import { writeSync } from 'node:fs';
import { runPatch } from '../../src/tools/apply-patch/run-patch.ts';
import { makeContext, patchOf } from '../tools/apply-patch/support.ts';

const [root = '', home = '', from = '0'] = process.argv.slice(2);
const { ctx } = makeContext(root);

for (let last = Number(from); ; last++) {
  const next = last + 1;
  const change = (name: string, to: readonly string[] = []): string[] => [
    ...[`*** Update File: ${name}`, ...to, '@@', `-patch ${last}`, `+patch ${next}`],
  ];
  const patch = patchOf(
    ...['f0', 'f1', 'f2', 'f3', 'f4', 'd/f5', 'd/f6', 'd/f7'].flatMap((name) => change(name)),
    ...change(`moved-${last}`, [`*** Move to: moved-${next}`]),
    ...[`*** Add File: new-${next}`, `+patch ${next}`, `*** Add File: made-${next}/deep/x`, `+patch ${next}`],
    ...(last > 0 ? [`*** Delete File: new-${last}`, `*** Delete File: made-${last}/deep/x`] : []),
  );
  const owner = { home, cwd: root, session: 'the session', call: `call ${next}` };
  const { ok, text } = await runPatch(patch, root, { ...ctx, patchOwner: owner });
  if (!ok) throw new Error(text);
  writeSync(1, `${next}\n`);
}
