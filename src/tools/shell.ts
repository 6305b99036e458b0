/**
 * The `shell` tool: one command, run to its end.
 *
 * Does not: check the call (command-permit.ts), run the command (run-command.ts), keep it running (exec-command.ts).
 */
import description from '../../prompts/tools/shell.md?raw';
import type { ToolSchema } from '../model/chat.ts';
import { positiveArgument, stringArgument } from './arguments.ts';
import {
  admit,
  type CommandToolOptions,
  defaultEnvironment,
  ESCALATION_PROPERTIES,
} from './command-permit.ts';
import { LONGEST_WAIT_MS } from './process-tree.ts';
import { runPermitted } from './run-command.ts';
import type { Tool } from './tool.ts';

const DEFAULT_TIMEOUT_MS = 120_000;

const PROPERTIES = {
  command: { type: 'string' },
  workdir: { type: 'string' },
  timeout_ms: { type: 'integer' },
} as const;

function schemaOf(canEscalate: boolean): ToolSchema {
  const properties = canEscalate ? { ...PROPERTIES, ...ESCALATION_PROPERTIES } : PROPERTIES;
  return {
    type: 'function',
    function: {
      name: 'shell',
      description: description.trim(),
      parameters: { type: 'object', properties, required: ['command'] },
    },
  };
}

export function createShellTool(options: CommandToolOptions): Tool {
  const { isKnownSafe, canEscalate = false, env = defaultEnvironment(), maxSpillBytes } = options;
  return {
    schema: schemaOf(canEscalate),
    isReadOnly: (args) => isKnownSafe(stringArgument(args, 'command') ?? ''),
    run: async (args, ctx) => {
      const command = stringArgument(args, 'command') ?? '';
      const admission = await admit(command, args, options, ctx);
      if ('result' in admission) return admission.result;
      const { permit, workdir } = admission;
      const asked = positiveArgument(args, 'timeout_ms') ?? DEFAULT_TIMEOUT_MS;
      const timeoutMs = Math.min(asked, LONGEST_WAIT_MS);
      return runPermitted({ command, workdir, timeoutMs, env, maxSpillBytes }, permit, ctx);
    },
  };
}
