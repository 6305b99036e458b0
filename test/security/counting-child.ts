/** Adds 50 lines to argv[2]/file with patches, each repeated until it is reported as applied; argv[4] begins the lines. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { runPatch } from '../../src/tools/apply-patch/run-patch.ts';
import { makeContext, patchOf } from '../tools/apply-patch/support.ts';

const [root = '', home = '', name = ''] = process.argv.slice(2);
const { ctx } = makeContext(root);

for (let i = 0; i < 50; i++) {
  for (let isDone = false; !isDone; ) {
    const first = readFileSync(path.join(root, 'file'), 'utf8').split('\n')[0];
    const patch = patchOf('*** Update File: file', '@@', `+${name}-${i}`, ` ${first}`);
    isDone = (await runPatch(patch, root, { ...ctx, patchOwner: { home, cwd: root } })).ok;
  }
}
