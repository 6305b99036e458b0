/**
 * What judges use: programs run in the judged folder, and files read from it.
 *
 * Invariants: a program has ten seconds; Python neither reads nor leaves bytecode of the folder, because a stale
 * file of the same second and size would be taken for the source; that of its own library is kept. Does not: know any task.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

const TIME_LIMIT_MS = 10_000;

/** Without it Python compiles its library in each start, which takes longer than the judges. Programs only read it. */
const BYTECODE = path.join(homedir(), '.cache/oagent-bench/bytecode');

/** Reads what programs import, so that its bytecode is there, and prints the interpreter. */
const BEFORE_ALL = `import sys
for name in ["argparse", "configparser", "csv", "datetime", "importlib", "io", "json", "pathlib", "re", "subprocess", "tomllib", "unittest"]:
    try: __import__(name)
    except ImportError: pass
print(sys.executable)`;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
}

/** Runs a program to its end. A program that cannot be started has the code null. */
export function run(folder: string, program: string, ...args: string[]): Ran {
  const { status, stdout } = spawnSync(program === 'python3' ? interpreter() : program, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: TIME_LIMIT_MS,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONPYCACHEPREFIX: BYTECODE,
    },
  });
  return { code: status, stdout: stdout ?? '' };
}

/** The interpreter itself: version managers put a script in front of it that takes longer than most judges. */
function interpreter(): string {
  found ??=
    spawnSync('python3', ['-I', '-X', `pycache_prefix=${BYTECODE}`, '-c', BEFORE_ALL], {
      encoding: 'utf8',
    }).stdout?.trim() || 'python3';
  return found;
}

let found: string | undefined;

/** Whether the Python code, run in the folder, ends without an error. */
export function python(folder: string, code: string): boolean {
  return run(folder, 'python3', '-c', code).code === 0;
}

/** Whether every `test_…` function of a Python module passes, and there are at least `least`. */
export function pythonTests(folder: string, module: string, least: number): boolean {
  return python(
    folder,
    `import ${module} as t
tests = [f for n, f in vars(t).items() if n.startswith("test_")]
assert len(tests) >= ${least}
for f in tests: f()`,
  );
}

/** Whether the code, an ES module run in the folder, ends without an error. `assert` is there. */
export function node(folder: string, code: string): boolean {
  const program = `import assert from 'node:assert/strict';\n${code}`;
  return run(folder, process.execPath, '--no-warnings', '--input-type=module', '-e', program).code === 0;
}

/** Whether `node FILE` ends without an error. */
export function nodeFile(folder: string, file: string): boolean {
  return run(folder, process.execPath, '--no-warnings', file).code === 0;
}

/** The text of a file, or null. */
export function read(folder: string, file: string): string | null {
  try {
    return readFileSync(path.join(folder, file), 'utf8');
  } catch {
    return null;
  }
}

export function json(folder: string, file: string): unknown {
  return JSON.parse(read(folder, file) ?? '');
}

/**
 * Whether `check` holds while `file` has the text that `change` makes of it: shows that a program really reads what
 * it claims to read. The file is put back.
 */
export function holdsWith(
  folder: string,
  file: string,
  change: (text: string) => string,
  check: () => boolean,
): boolean {
  const text = read(folder, file);
  if (text === null) return false;
  const other = change(text);
  if (other === text) return false;
  writeFileSync(path.join(folder, file), other);
  try {
    return check();
  } finally {
    writeFileSync(path.join(folder, file), text);
  }
}
