/**
 * The commands about earlier sessions: their arguments and flags.
 *
 * Invariants: nothing of a command is loaded before it was chosen. Does not: know what they do (sessions.ts,
 * interactive.ts, exec.ts).
 */
import type { Command } from 'commander';
import type { SessionFlags } from '../session/flags.ts';
import type { SessionChoice } from '../session/stored.ts';
import type { ExecFlags } from './exec/exec-input.ts';
import type { InteractiveFlags } from './interactive/interactive.ts';
import { addExecFlags, addSessionFlags, mergeFlags } from './options.ts';

interface ChoiceFlags {
  readonly last?: boolean;
  readonly all?: boolean;
}

type Done = (code: number) => void;

const WHICH = 'its id or name';

/** `resume` and `fork`, in the terminal and below `exec`. */
export function addResumeCommands(program: Command, exec: Command, done: Done): void {
  const about = {
    resume: 'go on with an earlier session',
    fork: 'go on with a copy of an earlier session',
  } as const;
  for (const kind of ['resume', 'fork'] as const) {
    addChoice(addSessionFlags(program.command(kind)), about[kind], `${WHICH}; without one you choose`)
      .argument('[prompt]', 'the next message')
      .option('--screen-reader', 'no animation, and nothing painted twice')
      .action(
        async (
          session: string | undefined,
          prompt: string | undefined,
          flags: InteractiveFlags & ChoiceFlags,
        ) => {
          const { interactiveCommand } = await import('./interactive/interactive.ts');
          const chosen = choose(kind, [session, prompt], flags);
          const merged = mergeFlags(program.opts<InteractiveFlags>(), flags);
          const choice = { ...chosen.choice, isLast: flags.last ?? false };
          done(await interactiveCommand(chosen.prompt, merged, choice));
        },
      );
    addChoice(addExecFlags(exec.command(kind)), about[kind], WHICH)
      .argument('[prompt]', 'the task; `-`, or none, reads it from stdin')
      .action(
        async (session: string | undefined, prompt: string | undefined, flags: ExecFlags & ChoiceFlags) => {
          if (session === undefined && !flags.last) {
            exec.error(`error: exec ${kind} needs the id or name of a session, or --last`);
          }
          const { execCommand } = await import('./exec/exec.ts');
          const outer = mergeFlags(program.opts<SessionFlags>(), exec.opts<ExecFlags>());
          const chosen = choose(kind, [session, prompt], flags);
          done(await execCommand(chosen.prompt, mergeFlags(outer, flags), chosen.choice));
        },
      );
  }
}

function addChoice(command: Command, description: string, which: string): Command {
  return command
    .description(description)
    .option('--last', 'the session used last; the first argument is then the message')
    .option('--all', 'sessions of other folders too')
    .argument('[session]', which);
}

/** With `--last` and one argument, that is the message. */
function choose(
  kind: SessionChoice['kind'],
  [first, second]: readonly [string | undefined, string | undefined],
  { last, all }: ChoiceFlags,
): { readonly choice: SessionChoice; readonly prompt: string | undefined } {
  const isAll = all ?? false;
  if (last) return { choice: { kind, isAll }, prompt: second ?? first };
  return { choice: { kind, isAll, session: first }, prompt: second };
}

/** `sessions list|show|rename|archive|unarchive|delete|export`. */
export function addSessionsCommands(program: Command, done: Done): void {
  const sessions = program.command('sessions').description('look at and tidy up earlier sessions');
  const rooms = () => import('./commands/sessions.ts');
  sessions
    .command('list')
    .description('list the sessions of this folder, the one used last first')
    .option('--all', 'of all folders')
    .option('--archived', 'those that were put aside')
    .option('--json', 'print JSON')
    .action(async (flags) => done(await (await rooms()).listCommand(flags)));
  sessions
    .command('show')
    .description('print a session as text')
    .argument('<session>', WHICH)
    .action(async (session: string) => done(await (await rooms()).showCommand(session)));
  sessions
    .command('export')
    .description('print a session as Markdown')
    .argument('<session>', WHICH)
    .option('-o, --output <file>', 'write it to this file')
    .action(async (session: string, flags) => done(await (await rooms()).exportCommand(session, flags)));
  sessions
    .command('rename')
    .description('give a session a name; an empty one takes it away')
    .argument('<session>', WHICH)
    .argument('<name>')
    .action(async (session: string, name: string) =>
      done(await (await rooms()).renameCommand(session, name)),
    );
  for (const [name, isArchived, text] of [
    ['archive', true, 'put a session aside: lists do not show it'],
    ['unarchive', false, 'have an archived session back'],
  ] as const) {
    sessions
      .command(name)
      .description(text)
      .argument('<session>', WHICH)
      .action(async (session: string) => done(await (await rooms()).archiveCommand(session, isArchived)));
  }
  sessions
    .command('delete')
    .description('delete a session and the outputs it has kept; nothing is ever deleted by itself')
    .argument('<session>', WHICH)
    .option('--force', 'without asking')
    .action(async (session: string, flags) => done(await (await rooms()).deleteCommand(session, flags)));
}
