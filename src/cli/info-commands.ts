/** Commands that explain oagent itself: `completion`, `stats`, `features`, `debug`. */
import { Argument, type Command, Option } from 'commander';
import type { SessionFlags } from '../session/flags.ts';
import type { StatsFlags } from './commands/stats.ts';
import { addSessionFlags, dayCount, mergeFlags } from './options.ts';

type Done = (code: number) => void;

export function addInfoCommands(program: Command, done: Done): void {
  const merged = (flags: SessionFlags): SessionFlags => mergeFlags(program.opts<SessionFlags>(), flags);
  program
    .command('completion')
    .description('print the completion script of a shell')
    .addArgument(new Argument('[shell]', 'default: bash').choices(['bash', 'zsh', 'fish']).default('bash'))
    .action(async (shell: 'bash' | 'zsh' | 'fish') => {
      const { completionScript } = await import('./commands/completion.ts');
      process.stdout.write(completionScript(program, shell));
      done(0);
    });
  program
    .command('stats')
    .description('what each model has done: hours, tokens, speed, faults; from the stored sessions alone')
    .addOption(new Option('--days <n>', 'the last days, today among them').argParser(dayCount).default(30))
    .option('--json', 'print JSON')
    .action(async (flags: StatsFlags) => {
      const { statsCommand } = await import('./commands/stats.ts');
      done(await statsCommand(flags));
    });
  addSessionFlags(program.command('features').description('parts that can be switched').command('list'))
    .description('list them with their state; --enable, --disable or [features] changes it')
    .action(async (flags: SessionFlags) => {
      const { featureLines } = await import('./commands/features.ts');
      const { planSession } = await import('../session/plan.ts');
      const { config, warnings } = planSession(merged(flags)).loaded;
      for (const warning of warnings) process.stderr.write(`warning: ${warning}\n`);
      process.stdout.write(featureLines(config));
      done(0);
    });
  const debug = program.command('debug').description('look inside oagent');
  addSessionFlags(debug.command('context'))
    .description(
      'what would fill the window with the first request, or fills that of a session; asks no server',
    )
    .option('--session <session>', 'the id or name of a session')
    .option('--json', 'print JSON')
    .action(async (flags: SessionFlags & { readonly json?: boolean; readonly session?: string }) => {
      const { contextCommand } = await import('./commands/context.ts');
      const { planSession } = await import('../session/plan.ts');
      const plan = planSession(merged(flags), { interactive: true, ephemeral: true });
      done(await contextCommand(flags, plan));
    });
  addSessionFlags(debug.command('prompt-input'))
    .description('print what the model would get first, with tokens by source; asks no server')
    .argument('[prompt]', 'the first message')
    .option('--json', 'print JSON')
    .action(async (prompt: string | undefined, flags: SessionFlags & { readonly json?: boolean }) => {
      const { promptInputCommand } = await import('./commands/prompt-input.ts');
      const { planSession } = await import('../session/plan.ts');
      const plan = planSession(merged(flags), { interactive: true, ephemeral: true });
      done(await promptInputCommand(prompt ?? '', plan, flags));
    });
}
