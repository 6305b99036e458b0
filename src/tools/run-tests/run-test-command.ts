/** One call of `run_tests`: finds the command for the target, runs it to its end, and reduces what it printed. */
import { summaryOf, type TestSummary } from '../../context/test-output/test-summary.ts';
import type { JsonObject } from '../../protocol.ts';
import { stringArgument } from '../arguments.ts';
import { admit } from '../commands/command-permit.ts';
import { type EndedCommand, runPermitted } from '../commands/run-command.ts';
import type { ToolContext, ToolResult } from '../tool.ts';
import { failure } from '../tool-call-item.ts';
import type { TestCommand } from './find-command.ts';
import { targeted } from './target.ts';

const TIMEOUT_MS = 600_000;
const TOO_LONG =
  'stopped after 10 minutes: give a target, or run the command with exec_command, which keeps it running in the background';
/** About 1,500 tokens, whatever the window. */
const MOST_BYTES = 6_000;
/** An output up to this size is not reduced if something failed. */
const SHORT_BYTES = 1_000;

export async function runTests(
  tests: TestCommand,
  args: JsonObject,
  env: NodeJS.ProcessEnv,
  ctx: ToolContext,
): Promise<ToolResult> {
  const found = await targeted(tests, stringArgument(args, 'target') ?? '', ctx.cwd);
  if ('problem' in found) return failure(found.problem);
  const { command, folder: workdir } = found;
  const admission = await admit(command, { workdir }, ctx);
  if ('result' in admission) return admission.result;
  // A runner that would watch for changes runs once.
  const timed = {
    command,
    workdir,
    timeoutMs: TIMEOUT_MS,
    env: { CI: 'true', ...env },
    limitBytes: SHORT_BYTES,
  };
  return runPermitted(timed, admission.permit, ctx, async (ended) => {
    const { text, run } = reportOf(ended, {
      command,
      folder: workdir,
      limitBytes: Math.min(MOST_BYTES, ctx.outputLimit),
    });
    return { text, tests: run };
  });
}

interface Ran {
  readonly command: string;
  /** Absolute. */
  readonly folder: string;
  /** Of the whole text. */
  readonly limitBytes: number;
}

function reportOf(
  { captured, exitCode, isLate, notes }: EndedCommand,
  { command, folder, limitBytes }: Ran,
): TestSummary {
  const { displayText: output, path } = captured;
  const head = `$ ${command}\n`;
  const told = [
    ...(isLate ? [TOO_LONG] : []),
    ...notes,
    ...(path === undefined ? [] : [`full output: ${path}`]),
  ];
  const end = told.map((note) => `\n[${note}]`).join('');
  const left = Math.max(0, limitBytes - Buffer.byteLength(head + end));
  const summary = summaryOf({ output, exitCode: isLate ? undefined : exitCode, folder, limitBytes: left });
  // Little was printed, and no file has it: all of it is told.
  const isShort = exitCode !== 0 && path === undefined;
  const text = isShort ? `${summary.text.split('\n', 1)[0]}\n${output.trimEnd()}` : summary.text;
  return { text: head + text + end, run: summary.run };
}
