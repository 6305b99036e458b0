/** `oagent mcp` and its actions, and `oagent mcp-server`. */
import { type Command, Option } from 'commander';
import type { SessionFlags } from '../session/flags.ts';
import type { SessionPlan } from '../session/plan.ts';
import type { AddFlags } from './commands/mcp-edit.ts';
import type { ListFlags } from './commands/mcp-list.ts';
import { addCommonFlags, addDefaultAction, addSessionFlags, mergeFlags } from './options.ts';

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

  const mcp = program.command('mcp').description('the MCP servers that oagent uses');
  const planned = async (flags: SessionFlags): Promise<SessionPlan> => {
    const { planSession } = await import('../session/plan.ts');
    return planSession(mergeFlags(program.opts<SessionFlags>(), flags), { interactive: true });
  };
  addListCommands(mcp, planned, done);
  addEditCommands(mcp, planned, done);
  addLoginCommands(mcp, planned, done);
}

type Planned = (flags: SessionFlags) => Promise<SessionPlan>;

function addListCommands(mcp: Command, planned: Planned, done: (code: number) => void): void {
  addDefaultAction(mcp, 'list')
    .description('list the servers, yours and those of the project, with what is known of them')
    .option('--json', 'print JSON')
    .action(async (flags: SessionFlags & ListFlags) => {
      const { listServers } = await import('./commands/mcp-list.ts');
      done(listServers(flags, await planned(flags)));
    });
  addCommonFlags(mcp.command('get'))
    .description('show a server with its settings and its tools')
    .argument('<name>')
    .option('--json', 'print JSON')
    .action(async (name: string, flags: SessionFlags & ListFlags) => {
      const { getServer } = await import('./commands/mcp-list.ts');
      done(getServer(name, flags, await planned(flags)));
    });
  addCommonFlags(mcp.command('test'))
    .description('start a server, or reach it, and say what it has; exit code 1 if it fails')
    .argument('<name>')
    .action(async (name: string, flags: SessionFlags) => {
      const { testServer } = await import('./commands/mcp-test.ts');
      done(await testServer(name, await planned(flags)));
    });
}

function addEditCommands(mcp: Command, planned: Planned, done: (code: number) => void): void {
  addCommonFlags(mcp.command('add'))
    .description('add a server to config.toml: a program behind --, or an address')
    .usage('[options] <name> (<url> | -- <command...>)')
    .argument('<name>')
    .argument('[command...]')
    .option('-e, --env <name=value>', 'a variable for the program; may be repeated', collect)
    .option('--url <url>', 'address of a server that is reached by HTTP')
    .option('--bearer-token-env-var <name>', 'variable of yours with the token for it')
    .option('-H, --header <name: value>', 'a header for each request to it; may be repeated', collect)
    .addOption(
      new Option(
        '-t, --transport <kind>',
        'how it is reached, as Claude Code asks; oagent sees that by itself',
      )
        .choices(['stdio', 'http', 'sse'])
        .hideHelp(),
    )
    .action(async (name: string, command: string[], flags: SessionFlags & AddFlags) => {
      const { addServer } = await import('./commands/mcp-edit.ts');
      done(addServer(name, command, flags, await planned(flags)));
    });
  addCommonFlags(mcp.command('remove'))
    .description('remove a server of yours from config.toml, with its login and what is known of it')
    .argument('<name>')
    .action(async (name: string, flags: SessionFlags) => {
      const { removeServer } = await import('./commands/mcp-edit.ts');
      done(await removeServer(name, await planned(flags)));
    });
  for (const [word, trust, about] of [
    ['allow', 'allowed', 'show a server that the project brings, and allow it exactly as it is'],
    ['refuse', 'refused', 'refuse a server that the project brings: it is not asked about again'],
  ] as const) {
    addCommonFlags(mcp.command(word))
      .description(about)
      .argument('<name>')
      .action(async (name: string, flags: SessionFlags) => {
        const { trustServer } = await import('./commands/mcp-edit.ts');
        done(trustServer(name, trust, await planned(flags)));
      });
  }
}

function addLoginCommands(mcp: Command, planned: Planned, done: (code: number) => void): void {
  addCommonFlags(mcp.command('login'))
    .description('log in to a server that is reached by HTTP, in the browser')
    .argument('<name>')
    .action(async (name: string, flags: SessionFlags) => {
      const { loginCommand } = await import('./commands/mcp-login.ts');
      done(await loginCommand(name, await planned(flags)));
    });
  addCommonFlags(mcp.command('logout'))
    .description('end the login to a server, and forget its tokens')
    .argument('<name>')
    .action(async (name: string, flags: SessionFlags) => {
      const { logoutCommand } = await import('./commands/mcp-login.ts');
      done(await logoutCommand(name, await planned(flags)));
    });
}

function collect(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value];
}
