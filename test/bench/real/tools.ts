/**
 * The programs that the prompts name, made available to every agent in the same way: python3 with pytest, and the
 * Node that runs the bench.
 *
 * Invariants: what is installed is installed once, under ~/.cache/oagent-bench, and never on the user's own Python.
 */
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

const CACHE = path.join(homedir(), '.cache/oagent-bench');

/** Where agents are looked for besides PATH: one virtual environment each. */
export function agentFolders(name: string): string[] {
  return [...(process.env.PATH ?? '').split(path.delimiter), path.join(CACHE, name, 'bin')];
}

/** PATH with the Node of the bench in front, and Python with pytest if it is wanted. @throws if that cannot be installed. */
export function pathWithTools(wantsPytest: boolean): string {
  const bins = wantsPytest ? [pythonWithPytest()] : [];
  return [...bins, path.dirname(process.execPath), process.env.PATH].join(path.delimiter);
}

function pythonWithPytest(): string {
  const environment = path.join(CACHE, 'python');
  const bin = path.join(environment, 'bin');
  if (!succeeds(path.join(bin, 'python3'), ['-m', 'pytest', '--version'])) {
    process.stderr.write(`Installing pytest in ${environment}…\n`);
    rmSync(environment, { recursive: true, force: true });
    const isMade =
      succeeds('python3', ['-m', 'venv', environment]) &&
      succeeds(path.join(bin, 'python3'), ['-m', 'pip', 'install', '--quiet', 'pytest']);
    if (!isMade)
      throw new Error(`the tasks need pytest, and \`python3 -m venv\` or pip failed in ${environment}`);
  }
  return bin;
}

/** Whether PATH has the program. */
export function hasProgram(program: string): boolean {
  return succeeds('sh', ['-c', `command -v ${program}`]);
}

function succeeds(file: string, args: readonly string[]): boolean {
  return spawnSync(file, args, { stdio: 'ignore' }).status === 0;
}
