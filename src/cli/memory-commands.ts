/** `oagent memories` and its actions. */
import type { Command } from 'commander';
import type { SessionFlags } from '../session/flags.ts';
import type { MemoriesAction } from './commands/memories.ts';
import { addCommonFlags, addDefaultAction, mergeFlags } from './options.ts';

export function addMemoryCommands(program: Command, done: (code: number) => void): void {
  const run = async (action: MemoriesAction, flags: SessionFlags): Promise<void> => {
    const { memoriesCommand } = await import('./commands/memories.ts');
    const { planSession } = await import('../session/plan.ts');
    done(await memoriesCommand(action, planSession(mergeFlags(program.opts<SessionFlags>(), flags))));
  };
  const memories = program.command('memories').description('what is remembered of earlier sessions');
  const command = (name: string): Command => addCommonFlags(memories.command(name));
  addDefaultAction(memories, 'list')
    .description('list your notes, the lines of the handbook and the sessions that were read')
    .option('--json', 'print JSON')
    .action((flags: SessionFlags & { readonly json?: boolean }) =>
      run({ name: 'list', json: flags.json ?? false }, flags),
    );
  const withText = (name: 'show' | 'add' | 'forget', argument: string, text: string, about: string): void => {
    command(name)
      .description(about)
      .argument(argument, text)
      .action((words: string[], flags: SessionFlags) => run({ name, what: words.join(' ') }, flags));
  };
  withText(
    'show',
    '<what...>',
    'an id of the list, or a file such as MEMORY.md',
    'print one of them, or a file',
  );
  withText(
    'add',
    '<text...>',
    'the text; `-` reads it from stdin',
    'add a note of your own; no model is asked',
  );
  withText(
    'forget',
    '<what...>',
    'an id of the list, the id of a session, or words of the text',
    'forget it, and keep it from coming back',
  );
  command('run')
    .description('make the memories that are due, now')
    .action(async (flags: SessionFlags) => {
      const { memoriesRun } = await import('./commands/memories-run.ts');
      const { planSession } = await import('../session/plan.ts');
      done(await memoriesRun(planSession(mergeFlags(program.opts<SessionFlags>(), flags))));
    });
  command('migrate')
    .description('take over an older folder of memories; it stays as it is')
    .argument('<path>', 'the folder, such as ~/.codex/memories')
    .action((what: string, flags: SessionFlags) => run({ name: 'migrate', what }, flags));
  for (const [name, about] of [
    ['rebuild', 'write the files again from the database'],
    ['on', 'switch memories on in this folder and below it'],
    ['off', 'switch memories off in this folder and below it'],
    ['path', 'print the folder of memories'],
  ] as const) {
    command(name)
      .description(about)
      .action((flags: SessionFlags) => run({ name }, flags));
  }
}
