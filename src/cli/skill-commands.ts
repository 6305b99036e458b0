/** `oagent skills` and its actions. */
import type { Command } from 'commander';
import type { SessionFlags } from '../session/flags.ts';
import type { SkillsAction } from './commands/skills.ts';
import { addCommonFlags, addDefaultAction, mergeFlags } from './options.ts';

export function addSkillCommands(program: Command, done: (code: number) => void): void {
  const run = async (action: SkillsAction, flags: SessionFlags): Promise<void> => {
    const { skillsCommand } = await import('./commands/skills.ts');
    const { planSession } = await import('../session/plan.ts');
    done(skillsCommand(action, planSession(mergeFlags(program.opts<SessionFlags>(), flags))));
  };
  const skills = program.command('skills').description('skills, and commands of your own');
  const withTrust = (command: Command): Command => command.option('--trust', 'trust this folder this time');
  const command = (name: string): Command => withTrust(addCommonFlags(skills.command(name)));
  withTrust(addDefaultAction(skills, 'list'))
    .description('list skills and commands, where they are, and why others are not used')
    .option('--json', 'print JSON')
    .action((flags: SessionFlags & { readonly json?: boolean }) =>
      run({ name: 'list', json: flags.json ?? false }, flags),
    );
  command('show')
    .description('print a skill')
    .argument('<name>')
    .action((skill: string, flags: SessionFlags) => run({ name: 'show', skill }, flags));
  command('new')
    .description('begin a skill in .oagent/skills of the project')
    .argument('<name>', 'a-z, 0-9 and -')
    .option('--user', "in oagent's own folder, for all projects")
    .action((skill: string, { user, ...flags }: SessionFlags & { readonly user?: boolean }) =>
      run({ name: 'new', skill, isOfUser: user ?? false }, flags),
    );
}
