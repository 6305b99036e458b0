/** The `run_tests` tool: the project's own test command, by the rules of any command; the model gets what failed. */
import description from '../../../prompts/tools/run_tests.md?raw';
import { stringArgument } from '../arguments.ts';
import type { Tool } from '../tool.ts';
import type { TestCommand } from './find-command.ts';

export const RUN_TESTS = 'run_tests';
/** Longer commands are not told to the model: it does not have to write them. */
const MOST_SHOWN = 60;

/** @param env the environment of commands. */
export function createRunTestsTool(tests: TestCommand, env: () => NodeJS.ProcessEnv): Tool {
  const command = tests.command.replaceAll('{target}', '').trim();
  return {
    schema: {
      type: 'function',
      function: {
        name: RUN_TESTS,
        description: description
          .trim()
          .replace('{command}', () =>
            command.length > MOST_SHOWN ? `${command.slice(0, MOST_SHOWN)}…` : command,
          ),
        parameters: { type: 'object', properties: { target: { type: 'string' } }, required: [] },
      },
    },
    isReadOnly: () => false,
    commandOf: async (args, { cwd }) => {
      const { targeted } = await import('./target.ts');
      const found = await targeted(tests, stringArgument(args, 'target') ?? '', cwd);
      return 'problem' in found ? undefined : found.command;
    },
    run: async (args, ctx) => {
      // Only a session that runs tests loads the rest.
      const { runTests } = await import('./run-test-command.ts');
      return runTests(tests, args, env(), ctx);
    },
  };
}
