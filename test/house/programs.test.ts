import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Who may start a program, and with what. Whatever else needs one asks these (src/system/run.ts is the usual door). */
const STARTERS: Readonly<Record<string, readonly string[]>> = {
  // A command of the model, ripgrep, a trial of the sandbox: a group that ends with oagent.
  'src/system/process-group.ts': ['node:child_process'],
  // The user's notify program, the server of Chroma: they outlive oagent.
  'src/system/death-watch.ts': ['node:child_process'],
  'src/system/launch.ts': ['node:child_process'],
  // An editor, the clipboard, a sandbox at the user's terminal; git by process-group.ts.
  'src/system/run.ts': ['execa'],
  // `cp` of the system, between two open files: nothing else can copy attributes.
  'src/tools/apply-patch/attributes.ts': ['node:child_process'],
  // A command of the model that wants a terminal.
  'src/tools/commands/pty.ts': ['@lydell/node-pty'],
};

const LOADED =
  /(?:from|import|require|getBuiltinModule)\s*\(?\s*'((?:node:)?child_process|execa|@lydell\/node-pty)'/g;

test('programs are started in these files only', () => {
  const found = globSync('src/**/*.{ts,tsx,cjs,mjs}')
    .filter((file) => !file.includes('demo/sample'))
    .flatMap((file) => {
      const names = [...readFileSync(file, 'utf8').matchAll(LOADED)].map(([, name = '']) => name);
      return names.length === 0 ? [] : [[file, [...new Set(names)]] as const];
    });
  expect(Object.fromEntries(found)).toEqual(STARTERS);
});
