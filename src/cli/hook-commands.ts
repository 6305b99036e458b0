/** `oagent hooks` and its actions. */
import { type Command, Option } from 'commander';
import type { SessionFlags } from '../session/flags.ts';
import type { HooksAction } from './commands/hooks.ts';
import { addCommonFlags, addDefaultAction, mergeFlags } from './options.ts';

export function addHookCommands(program: Command, done: (code: number) => void): void {
  const run = async (action: HooksAction, flags: SessionFlags): Promise<void> => {
    const { hooksCommand } = await import('./commands/hooks.ts');
    const { planSession } = await import('../session/plan.ts');
    const plan = planSession(mergeFlags(program.opts<SessionFlags>(), flags), { interactive: true });
    done(await hooksCommand(action, plan));
  };
  const hooks = program
    .command('hooks')
    .description('programs of yours that run at certain moments of a turn');
  const command = (name: string): Command => addCommonFlags(hooks.command(name));
  addDefaultAction(hooks, 'list')
    .description('list them with their files, and whether those of the project are allowed')
    .action((flags: SessionFlags) => run({ name: 'list' }, flags));
  command('trust')
    .description('show the hooks of the project, and allow them exactly as they are')
    .argument('[file]', 'only those of this file, as `list` names it')
    .option('--refuse', 'refuse them instead: they are not asked about again')
    .action((file: string | undefined, flags: SessionFlags & { readonly refuse?: boolean }) =>
      run({ name: 'trust', file, isRefusal: flags.refuse ?? false }, flags),
    );
  command('test')
    .description('run the hooks of a moment with a made-up input, and show what comes of it; asks no model')
    .argument(
      '<event>',
      'SessionStart, UserPromptSubmit, PreToolUse, PostToolUse, PreCompact, Stop or Notification',
    )
    .addOption(new Option('--tool <name>', 'the tool that is called: Bash, apply_patch, mcp__server__tool …'))
    .action((event: string, flags: SessionFlags & { readonly tool?: string }) =>
      run({ name: 'test', event, tool: flags.tool }, flags),
    );
}
