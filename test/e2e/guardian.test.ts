/** `approvals_reviewer = "model"` in the built program. */
import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { bench } from '../support/exec.ts';
import { sandboxedTest } from '../support/sandbox.ts';

const CALL: Turn = { toolCalls: [{ name: 'exec_command', arguments: { command: 'touch x' } }] };
const VERDICT = { does: 'makes a file', verdict: 'object', why: 'nobody asked for a file' };

sandboxedTest(
  'what a rule allows is stopped by an objection, and both the user and the model are told',
  async () => {
    let turns = 0;
    const { run, cwd, home, chats } = await bench(({ format }): Turn => {
      if (JSON.stringify(format ?? {}).includes('verdict')) return { content: '', json: VERDICT };
      turns += 1;
      return turns === 1 ? CALL : { content: 'It was not run.' };
    });
    writeFileSync(path.join(home, 'rules.toml'), '[[rule]]\nprefix = ["touch"]\ndecision = "allow"\n');
    const reviewed = await run([
      'exec',
      '-s',
      'workspace-write',
      '-c',
      'approvals_reviewer="model"',
      'Explain x',
    ]);
    expect([reviewed.code, reviewed.stdout, existsSync(path.join(cwd, 'x'))]).toEqual([
      0,
      'It was not run.\n',
      false,
    ]);
    expect(reviewed.stderr).toContain('A second look stopped `touch x`: nobody asked for a file');
    expect(chats().at(-1)?.messages.at(-1)?.content).toBe(
      'not run: a second look at it found: nobody asked for a file',
    );
    turns = 0;
    await run(['exec', '-s', 'workspace-write', 'Explain x']);
    expect(existsSync(path.join(cwd, 'x'))).toBe(true);
  },
);
