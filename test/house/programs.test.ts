import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** Who may start a program, and with what: the door (src/system/run.ts with what it uses) and the launcher of the model's commands. */
const STARTERS: Readonly<Record<string, readonly string[]>> = {
  // A command of the model, ripgrep, a trial of the sandbox: a group that ends with oagent.
  'src/system/process-group.ts': ['node:child_process'],
  // The user's notify program, the server of Chroma, what ends commands after oagent: they outlive it.
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

/** Who starts what the door has not looked for: each has a file that no command can have written. */
const LAUNCHERS = {
  // In the sandbox, or permitted by the guard.
  'src/tools/commands/command-process.ts': 'startGroup',
  // In the sandbox, or the user's own shell by trustedProgram.
  'src/extensions/hooks/run-hook.ts': 'startGroup',
  // bubblewrap, nsenter: found by find-program.ts.
  'src/safety/sandbox/loopback.ts': 'startGroup',
  'src/safety/sandbox/try-out.ts': 'startGroup',
  // An MCP server: found by find-program.ts, or at the path that the user has configured or allowed.
  'src/mcp/wire/stdio.ts': 'startGroup',
  'src/system/ripgrep.ts': 'startGroup',
  'src/system/run.ts': 'startGroup',
  // /bin/sh.
  'src/system/death-watch.ts': 'launch',
  // By trustedProgram: it shows a page that oagent has made the address of.
  'src/system/open-browser.ts': 'launch',
  // Our own Node; what trustedProgram has found.
  'src/repo-index/chroma/chroma-process.ts': 'launch',
  'src/cli/exec/notify.ts': 'launch',
};

test('only these start a group or leave a process behind', () => {
  const found = globSync('src/**/*.{ts,tsx}').flatMap((file) => {
    const source = readFileSync(file, 'utf8');
    const name =
      /^import \{[^}]*\b(startGroup|launch)\b[^}]*\} from '[^']*(?:process-group|launch)\.ts';/m.exec(
        source,
      )?.[1];
    return name === undefined ? [] : [[file, name] as const];
  });
  expect(Object.fromEntries(found)).toEqual(LAUNCHERS);
});

test('programs are started in these files only', () => {
  const found = globSync('src/**/*.{ts,tsx,cjs,mjs}')
    .filter((file) => !file.includes('demo/sample'))
    .flatMap((file) => {
      const names = [...readFileSync(file, 'utf8').matchAll(LOADED)].map(([, name = '']) => name);
      return names.length === 0 ? [] : [[file, [...new Set(names)]] as const];
    });
  expect(Object.fromEntries(found)).toEqual(STARTERS);
});
