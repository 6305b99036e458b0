/** Runs a command line. Wrong usage exits 2, any other failure 1, and no stack trace reaches the user. */
import { type Command, CommanderError } from 'commander';
import { VERSION } from '../session/version.ts';
import { errorMessage } from '../text/error-message.ts';
import { firstOperand, flagNames, markTexts, taskBehindCommand } from './arguments.ts';
import { codexWord } from './codex-words.ts';
import { errorLine } from './options.ts';
import { createProgram } from './program.ts';

/** Runs the command line and ends the process when its output is written. @param argv without node and script. */
export async function run(argv: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', cannotWrite);
  process.on('uncaughtException', (error) => {
    process.stderr.write(`Error: ${error.message}\nThis is a bug in oagent.\n`);
    process.exit(1);
  });
  // What is waited for can no longer happen: without this the process would end with 0.
  process.on('beforeExit', () => {
    process.stderr.write('Error: oagent has stopped in the middle of its work.\nThis is a bug in oagent.\n');
    process.exit(1);
  });
  await startTracing(process.env);
  const code = await main(argv).catch((error: unknown) => {
    process.stderr.write(errorLine(errorMessage(error)));
    return 1;
  });
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  // Only now would an error of the last write be reported, on a full disk for example.
  await new Promise(setImmediate);
  // Kept-alive connections to the server would keep the process running for seconds.
  process.exit(code);
}

/** Programs that oagent starts do not learn where the trace is. */
async function startTracing(env: NodeJS.ProcessEnv): Promise<void> {
  const { OAGENT_TRACE: file } = env;
  delete env.OAGENT_TRACE;
  if (!file) return;
  const { startTrace } = await import('../system/trace-file.ts');
  startTrace(file, { version: VERSION }, (line) => process.stderr.write(`warning: ${line}\n`));
}

async function main(argv: readonly string[]): Promise<number> {
  let code = 0;
  const program = createProgram(argv, (result) => {
    code = result;
  });
  try {
    const exec = program.commands.find((command) => command.name() === 'exec');
    const unknown =
      codexWord(firstOperand(argv, program) ?? '') ?? (exec && codexExecWord(argv, program, exec));
    if (unknown !== undefined) program.error(unknown);
    const marked = markTexts(argv, flagNames(program));
    await program.parseAsync(exec === undefined ? marked : taskBehindCommand(marked, exec), { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

/** A word of Codex behind `exec`. */
function codexExecWord(argv: readonly string[], program: Command, exec: Command): string | undefined {
  const first = firstOperand(argv, program) ?? '';
  if (first !== exec.name() && !exec.aliases().includes(first)) return undefined;
  return codexWord(firstOperand(argv.slice(argv.indexOf(first) + 1), exec) ?? '', 'oagent exec');
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else stream.write('', () => resolve());
  });
}

/** Silent if the reader of a pipe is gone (`oagent … | head`), but still a failure: the work is not done. */
function cannotWrite(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && !process.stderr.errored)
    process.stderr.write(`Error: cannot write: ${error.message}\n`);
  process.exit(1);
}
