/** A plan for the sandbox that does not hold any more when it is used. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { CommandPermit } from '../../../src/safety/guard.ts';
import { createSandbox } from '../../../src/safety/sandbox/probe.ts';
import { createExecCommandTool } from '../../../src/tools/commands/exec-command.ts';
import { createShellTool } from '../../../src/tools/commands/shell.ts';
import type { Tool } from '../../../src/tools/tool.ts';
import { sandboxedTest } from '../../support/sandbox.ts';
import { makeContext } from '../tool-context.ts';

const options = { isKnownSafe: () => false, env: () => ({ PATH: process.env.PATH }) };
const tools: readonly [string, (cmd: string) => readonly [Tool, { readonly [name: string]: unknown }]][] = [
  ['shell', (command) => [createShellTool(options), { command }]],
  ['exec_command', (cmd) => [createExecCommandTool(options), { cmd, yield_time_ms: 20_000 }]],
];

/** Runs a command in a sandbox; a hidden file vanishes behind the first `times` plans. */
async function run(kind: (typeof tools)[number], cmd: string, times: number) {
  const context = makeContext({
    guard: { command: async () => permit, write: async () => ({ allowed: true }) },
  });
  onTestFinished(() => context[Symbol.dispose]());
  // Outside of what is writable.
  const home = mkdtempSync('/var/tmp/oagent-plan-');
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const { cwd } = context;
  const box = await createSandbox({
    mode: 'workspace-write',
    approval: 'never',
    network: true,
    cwd,
    writableRoots: [],
    env: options.env(),
    home,
  });
  let plans = 0;
  const hidden = path.join(home, 'sessions.db-shm');
  const permit: CommandPermit = {
    allowed: true,
    prepare: async (argv, folder, env, more) => {
      plans += 1;
      if (plans <= times) writeFileSync(hidden, '');
      const prepared = await box.prepare({ argv, cwd: folder, env, ...more });
      rmSync(hidden, { force: true });
      return prepared;
    },
  };
  mkdirSync(path.join(cwd, '.git'));
  const [tool, args] = kind[1](cmd);
  const { ok, text } = await tool.run(args, context.ctx);
  const marks = path.join(cwd, 'ran');
  return {
    ok,
    text: text.replace(/\d+\.\d seconds/, 'T seconds'),
    plans,
    ran: existsSync(marks) ? readFileSync(marks, 'utf8') : '',
  };
}

for (const kind of tools) {
  sandboxedTest(`is made again once: ${kind[0]}`, async () => {
    const { ok, text, plans, ran } = await run(kind, 'echo x >> ran; echo done', 1);
    expect({ ok, end: text.split('Output:\n')[1], plans, ran }).toEqual({
      ok: true,
      end: 'done\n',
      plans: 2,
      ran: 'x\n',
    });
  });

  sandboxedTest(`is never the result of the command: ${kind[0]}`, async () => {
    const { ok, text, plans, ran } = await run(kind, 'echo x >> ran', 9);
    expect(text).toMatch(/^the sandbox could not be set up, so the command did not run: bwrap: .+$/);
    expect({ ok, plans, ran }).toEqual({ ok: false, plans: 2, ran: '' });
  });

  sandboxedTest(`is not to blame for what a command says: ${kind[0]}`, async () => {
    const { text, plans, ran } = await run(kind, 'echo x >> ran; echo "bwrap: no such file" >&2; exit 1', 0);
    expect(text).toContain('code');
    expect({ end: text.split('Output:\n')[1], plans, ran }).toEqual({
      end: 'bwrap: no such file\n',
      plans: 1,
      ran: 'x\n',
    });
  });
}
