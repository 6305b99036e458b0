/**
 * `oagent demo`: the whole agent at work on a small repository, with a scripted model.
 *
 * Only the model's answers are scripted: a real server on loopback speaks Ollama's wire format, and this same program
 * is started against it, in a temporary copy of the sample with its own home folder: in a terminal as the interactive
 * session, otherwise as `exec`. Nothing outside the temporary folder is touched, and it is removed at the end.
 */
import { cp, mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTwoFilesPatch } from 'diff';
import { DEMO_MODEL, DEMO_PROMPT, demoScript } from '../../demo/scenario.ts';
import { startScriptedOllama } from '../../demo/scripted-ollama.ts';
import { runInTerminal } from '../../system/run.ts';

const INTRODUCTION = `This is a demonstration: the model is scripted, everything else is real. A scripted server replaces Ollama,
and the same program that you would use on your own code now fixes a small repository in a temporary folder.
`;

/** The pace of a fast model on a good machine. */
const CHUNK_DELAY_MS = 25;
/** A demonstration that nobody touches ends after this time, so that it can be started from a script. */
const UNUSED_SECONDS = '15';

const CLOSING = `
To work with a real model: install Ollama (https://ollama.com), then

    ollama pull qwen3-coder
    cd YOUR_REPOSITORY
    oagent -m qwen3-coder
`;

/** @returns the exit code of the agent. */
export async function demoCommand(): Promise<number> {
  const program = await realpath(process.argv[1] ?? '');
  const sample = path.join(path.dirname(program), 'demo-sample');
  const folder = await mkdtemp(path.join(await realpath(tmpdir()), 'oagent-demo-'));
  const copy = path.join(folder, 'sample');
  await cp(sample, copy, { recursive: true });
  const isInteractive = process.stdin.isTTY === true && process.stdout.isTTY === true;
  const server = await startScriptedOllama({
    models: [DEMO_MODEL],
    script: demoScript(),
    chunkDelayMs: isInteractive ? CHUNK_DELAY_MS : 0,
  });
  try {
    process.stdout.write(
      `${INTRODUCTION}${isInteractive ? `Leave it with Ctrl+D; it ends ${UNUSED_SECONDS} s after the answer if you press no key.\n` : ''}\n`,
    );
    const flags = ['--dangerously-bypass-approvals-and-sandbox', '-m', DEMO_MODEL.name, '-C', copy];
    const args = isInteractive
      ? ['--quit-when-unused', UNUSED_SECONDS, ...flags, DEMO_PROMPT]
      : ['exec', ...flags, '-'];
    const env = { ...process.env, OLLAMA_HOST: server.host, OAGENT_HOME: path.join(folder, 'home') };
    const input = isInteractive ? undefined : DEMO_PROMPT;
    const code = await runInTerminal(process.execPath, [program, ...args], {
      cwd: process.cwd(),
      env,
      input,
    });
    process.stdout.write(`\nChanges in the repository:\n\n${await diffFolders(sample, copy)}`);
    process.stdout.write(CLOSING);
    return code;
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function diffFolders(before: string, after: string): Promise<string> {
  const listed = await Promise.all(
    [before, after].map((root) => readdir(root, { recursive: true, withFileTypes: true })),
  );
  const names = new Set(
    listed.flatMap((entries, index) =>
      entries
        .filter((entry) => entry.isFile())
        .map((entry) => path.relative(index === 0 ? before : after, path.join(entry.parentPath, entry.name))),
    ),
  );
  const patches = await Promise.all(
    [...names].toSorted().map(async (name) => {
      const [old, now] = await Promise.all(
        [before, after].map((root) => readFile(path.join(root, name), 'utf8').catch(() => '')),
      );
      return old === now
        ? ''
        : createTwoFilesPatch(`a/${name}`, `b/${name}`, old ?? '', now ?? '', '', '', {
            headerOptions: { includeIndex: false, includeUnderline: false, includeFileHeaders: true },
          });
    }),
  );
  return patches.join('');
}
