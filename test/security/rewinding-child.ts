/**
 * Patches the files in argv[2] until it is killed, kept in argv[3], and now and then goes back and forth again; says one line for each
 * step. Every file says which patch was the last; so do the names of some.
 */
import { readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { runPatch } from '../../src/tools/apply-patch/run-patch.ts';
import { changesOf, lastRewind, prepareRewind, restore } from '../../src/tools/checkpoints/restore.ts';
import { makeContext, patchOf } from '../tools/apply-patch/support.ts';

const [root = '', home = ''] = process.argv.slice(2);
const { ctx } = makeContext(root);
const owner = { home, session: 'session', cwd: root };
let item = Math.max(0, ...changesOf(owner).map((change) => change.item));

const current = (): number => Number(readFileSync(path.join(root, 'f0'), 'utf8').slice('patch '.length));

async function patch(): Promise<void> {
  const last = current();
  const next = item + 1;
  const change = (name: string, to: readonly string[] = []): string[] => [
    ...[`*** Update File: ${name}`, ...to, '@@', `-patch ${last}`, `+patch ${next}`],
  ];
  const text = patchOf(
    ...['f0', 'f1', 'd/f2'].flatMap((name) => change(name)),
    ...change(`moved-${last}`, [`*** Move to: moved-${next}`]),
    ...[`*** Add File: made-${next}/x`, `+patch ${next}`],
    ...(last > 0 ? [`*** Delete File: made-${last}/x`] : []),
  );
  const nextItemId = (): string => `i${++item}`;
  const patchOwner = { ...owner, call: `call ${next}`, isKept: true };
  const result = await runPatch(text, root, { ...ctx, nextItemId, patchOwner });
  if (!result.ok) throw new Error(result.text);
  writeSync(1, 'patched\n');
}

async function rewind(count: number): Promise<void> {
  for (const changes of [() => changesOf(owner).slice(-count), () => lastRewind(changesOf(owner)) ?? []]) {
    const prepared = prepareRewind(owner, changes(), () => true);
    if (prepared.plan.refused.length > 0) throw new Error(JSON.stringify(prepared.plan.refused));
    await restore(owner, prepared, item);
    writeSync(1, 'rewound\n');
  }
}

for (let step = 1; ; step++) {
  await patch();
  if (step % 3 === 0) await rewind(3);
}
