/** Tests that need a sandbox: skipped, and loudly, where the machine cannot give one. */
import { spawnSync } from 'node:child_process';
import { test } from 'vitest';

const tried = spawnSync('bwrap', [
  '--unshare-user',
  '--unshare-pid',
  '--unshare-net',
  '--ro-bind',
  '/',
  '/',
  'true',
]);

export const hasSandbox = tried.status === 0;

if (!hasSandbox) {
  console.warn('\n*** NO SANDBOX HERE (apt install bubblewrap): tests that need one are SKIPPED.\n');
}

export const sandboxedTest = test.skipIf(!hasSandbox);
