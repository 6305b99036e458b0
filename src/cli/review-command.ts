/** `oagent review` with its flags, which are those of Codex and a few more. */
import { type Command, Option } from 'commander';
import type { SessionFlags } from '../session/flags.ts';
import type { ReviewFlags } from './commands/review.ts';
import { addSessionFlags, mergeFlags, notEmpty } from './options.ts';

const AFTER = `
Without a choice the uncommitted changes are reviewed.
Exit codes: 0 nothing found at or above --fail-on, 1 failed, or not all could be reviewed, 2 wrong usage, 3 something found, 130 interrupted.`;

export function addReviewCommand(program: Command, done: (code: number) => void): void {
  const review: Command = addSessionFlags(program.command('review'))
    .description('have the model review changes: uncommitted ones, a branch, or a commit')
    .argument('[instructions]', 'what to look for; `-` reads it from stdin')
    .addOption(
      new Option('--base <ref>', 'what HEAD adds to this branch')
        .argParser(notEmpty('branch'))
        .conflicts(['commit', 'uncommitted']),
    )
    .addOption(
      new Option('--commit <sha>', 'the changes of this commit')
        .argParser(notEmpty('commit'))
        .conflicts('uncommitted'),
    )
    .option('--uncommitted', 'what is not committed yet, new files included (default)')
    .addOption(new Option('--json', 'print JSON, as Codex does').conflicts('sarif'))
    .option('--sarif', 'print SARIF 2.1.0, for code scanning')
    .addOption(
      new Option('--fail-on <level>', 'the least severity that gives exit code 3')
        .choices(['P0', 'P1', 'P2', 'P3'])
        .default('P3'),
    )
    .option('--verbose', 'show also what was dropped, and all that was left out')
    .addOption(new Option('--title <title>').hideHelp())
    .action(async (instructions: string | undefined, flags: ReviewFlags) => {
      const { instructionsOf, reviewCommand } = await import('./commands/review.ts');
      const { planSession } = await import('../session/plan.ts');
      const merged = mergeFlags(program.opts<SessionFlags>(), flags);
      const plan = planSession(merged, { ephemeral: true });
      done(await reviewCommand(await instructionsOf(instructions), merged, plan));
    });
  review.addHelpText('after', AFTER);
}
