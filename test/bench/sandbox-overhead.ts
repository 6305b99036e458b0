/** What the sandbox of a session costs a command: `true` through it and without it, by turns, in this very process. */

import { createSandbox } from '../../src/safety/sandbox/probe.ts';
import type { Sandbox } from '../../src/safety/sandbox/sandbox.ts';
import { startGroup } from '../../src/system/process-group.ts';

export interface SandboxOverhead {
  readonly kind: Sandbox['kind'];
  readonly bareMs: number;
  readonly sandboxedMs: number;
}

const ROUNDS = 40;

export async function sandboxOverhead(cwd: string, home: string): Promise<SandboxOverhead> {
  const sandbox = await createSandbox(
    {
      mode: 'workspace-write',
      approval: 'never',
      cwd,
      home,
      writableRoots: [],
      network: false,
      env: process.env,
    },
    { shareLoopback: true },
  );
  const bare: number[] = [];
  const sandboxed: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare.push(await timed(() => startGroup('/bin/bash', ['-c', 'true'], { cwd, env: process.env })));
    if (sandbox.kind === 'none') continue;
    const from = performance.now();
    const { file, args, env, extraFds, finish } = await sandbox.prepare({
      argv: ['/bin/bash', '-c', 'true'],
      cwd,
      env: process.env,
    });
    const prepared = performance.now() - from;
    const ran = await timed(() => startGroup(file, args, { cwd, env, extraFds }));
    const end = performance.now();
    await finish();
    sandboxed.push(prepared + ran + performance.now() - end);
  }
  await sandbox.close?.();
  return { kind: sandbox.kind, bareMs: median(bare), sandboxedMs: median(sandboxed) };
}

/** From the start of a group until it has ended and its output is closed. */
async function timed(start: () => ReturnType<typeof startGroup>): Promise<number> {
  const from = performance.now();
  const group = await start();
  group.stdout.resume();
  group.stderr.resume();
  await Promise.all([group.exited, new Promise((resolve) => group.stdout.once('close', resolve))]);
  return performance.now() - from;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
