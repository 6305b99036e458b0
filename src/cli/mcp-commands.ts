/** `oagent mcp-server`. */
import type { Command } from 'commander';
import type { SessionFlags } from '../session/flags.ts';
import { addSessionFlags, mergeFlags } from './options.ts';

export function addMcpCommands(program: Command, done: (code: number) => void): void {
  addSessionFlags(program.command('mcp-server'))
    .description(
      'offer search, reading and sandboxed commands to other agents, as an MCP server on stdin and stdout',
    )
    .action(async (flags: SessionFlags) => {
      const { mcpServerCommand } = await import('./commands/mcp-server.ts');
      const { planSession } = await import('../session/plan.ts');
      done(await mcpServerCommand(planSession(mergeFlags(program.opts<SessionFlags>(), flags))));
    });
}
