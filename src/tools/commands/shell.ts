/** The `shell` tool: one command, run to its end. */
import description from '../../../prompts/tools/shell.md?raw';
import { LONGEST_WAIT_MS } from '../../system/within.ts';
import { positiveArgument, stringArgument } from '../arguments.ts';
import type { Tool } from '../tool.ts';
import { admit, type CommandToolOptions, commandSchema, defaultEnvironment } from './command-permit.ts';
import { runPermitted } from './run-command.ts';

const DEFAULT_TIMEOUT_MS = 120_000;

const SHOWN = {
  name: 'shell',
  description,
  properties: {
    command: { type: 'string' },
    workdir: { type: 'string' },
    timeout_ms: { type: 'integer' },
  },
  required: ['command'],
} as const;

export function createShellTool(options: CommandToolOptions): Tool {
  const { isKnownSafe, canEscalate = false, env = defaultEnvironment, maxSpillBytes } = options;
  return {
    schema: commandSchema(SHOWN, canEscalate),
    isReadOnly: (args) => isKnownSafe(stringArgument(args, 'command') ?? ''),
    run: async (args, ctx) => {
      const command = stringArgument(args, 'command') ?? '';
      const admission = await admit(command, args, ctx);
      if ('result' in admission) return admission.result;
      const { permit, workdir } = admission;
      const asked = positiveArgument(args, 'timeout_ms') ?? DEFAULT_TIMEOUT_MS;
      const timeoutMs = Math.min(asked, LONGEST_WAIT_MS);
      return runPermitted({ command, workdir, timeoutMs, env: env(), maxSpillBytes }, permit, ctx);
    },
  };
}
