/** The commands about earlier sessions: their arguments and flags. */
import type { Command } from 'commander';
import type { SessionFlags } from '../session/flags.ts';
import type { SessionChoice } from '../session/stored.ts';
import type { ExecFlags } from './exec/exec-input.ts';
import type { InteractiveFlags } from './interactive/interactive-flags.ts';
import { addExecFlags, addSessionFlags, mergeFlags, refuseBlank, refuseTwo } from './options.ts';

interface ChoiceFlags {
  readonly last?: boolean;
  readonly all?: boolean;
  /** As in Codex. */
  readonly includeNonInteractive?: boolean;
}

type Done = (code: number) => void;

const WHICH = 'its id or name';

const ABOUT = {
  resume: 'resume an earlier session',
  fork: 'fork an earlier session',
} as const;

/** `resume` and `fork`. */
export function addResumeCommands(program: Command, done: Done): void {
  for (const kind of ['resume', 'fork'] as const) {
    addChoice(addSessionFlags(program.command(kind)), ABOUT[kind], `${WHICH}; without one you choose`)
      .option('--include-non-interactive', 'sessions of `oagent exec` too, in the list and for --last')
      .argument('[prompt]', 'the next message')
      .option('--screen-reader', 'plain lines: nothing is painted, questions are numbered lists')
      .action(
        async (
          session: string | undefined,
          prompt: string | undefined,
          flags: InteractiveFlags & ChoiceFlags,
        ) => {
          const { interactiveCommand } = await import('./interactive/interactive.ts');
          const chosen = choose(kind, [session, prompt], flags);
          const merged = mergeFlags(program.opts<InteractiveFlags>(), flags);
          const hasExec = flags.includeNonInteractive ?? false;
          const choice = { ...chosen.choice, hasExec, isLast: flags.last ?? false };
          done(await interactiveCommand(chosen.prompt, merged, choice));
        },
      );
  }
}

/** `resume` and `fork` below `exec`. */
export function addExecResumeCommands(program: Command, exec: Command, done: Done): void {
  for (const kind of ['resume', 'fork'] as const) {
    addChoice(addExecFlags(exec.command(kind)), ABOUT[kind], WHICH)
      .argument('[prompt]', 'the task; `-`, or none, reads it from stdin')
      .action(
        async (session: string | undefined, prompt: string | undefined, flags: ExecFlags & ChoiceFlags) => {
          if (session === undefined && !flags.last) {
            exec.error(`error: exec ${kind} needs the id or name of a session, or --last`);
          }
          if (session !== undefined && prompt !== undefined && flags.last) {
            exec.error(`error: exec ${kind} --last takes one prompt, and no session`);
          }
          const { execCommand } = await import('./exec/exec.ts');
          const outer = mergeFlags(program.opts<SessionFlags>(), exec.opts<ExecFlags>());
          const chosen = choose(kind, [session, prompt], flags);
          refuseBlank(chosen.prompt, exec);
          refuseTwo(chosen.prompt, { ...outer, ...flags }, exec);
          // A script goes on with what a script began.
          const choice = { ...chosen.choice, hasExec: true };
          done(await execCommand(chosen.prompt, mergeFlags(outer, flags), choice));
        },
      );
  }
}

function addChoice(command: Command, description: string, which: string): Command {
  return command
    .description(description)
    .option('--last', 'the most recent session; the first argument is then the message')
    .option('--all', 'include sessions of other folders')
    .argument('[session]', which);
}

/** With `--last` a single argument is the message. */
function choose(
  kind: SessionChoice['kind'],
  [first, second]: readonly [string | undefined, string | undefined],
  { last, all }: ChoiceFlags,
): { readonly choice: SessionChoice; readonly prompt: string | undefined } {
  const isAll = all ?? false;
  if (last) return { choice: { kind, isAll }, prompt: second ?? first };
  return { choice: { kind, isAll, session: first }, prompt: second };
}

/** `sessions list|show|export|import|rename|rewind|trial|archive|unarchive|delete`. */
export function addSessionsCommands(program: Command, done: Done): void {
  const sessions = program.command('sessions').description('list, show and manage earlier sessions');
  const commands = () => import('./commands/sessions.ts');
  sessions
    .command('list')
    .description('list the sessions of this folder, the most recent first')
    .option('--all', 'list sessions of all folders')
    .option('--archived', 'list archived sessions')
    .option('--json', 'print JSON')
    .action(async (flags) => done(await (await commands()).listCommand(flags)));
  sessions
    .command('show')
    .description('print a session as text')
    .argument('<session>', WHICH)
    .action(async (session: string) => done(await (await commands()).showCommand(session)));
  sessions
    .command('export')
    .description('print a session as Markdown')
    .argument('<session>', WHICH)
    .option('-o, --output <file>', 'write to this file')
    .action(async (session: string, flags) => done(await (await commands()).exportCommand(session, flags)));
  sessions
    .command('import')
    .description('copy sessions of Codex here, all that are not here yet or the named ones')
    .argument('[sessions...]', 'their ids or files')
    .action(async (named: string[]) => done(await (await commands()).importCommand(named)));
  sessions
    .command('rename')
    .description('name a session; an empty name removes it')
    .argument('<session>', WHICH)
    .argument('<name>')
    .action(async (session: string, name: string) =>
      done(await (await commands()).renameCommand(session, name)),
    );
  sessions
    .command('rewind')
    .description('go back to before a message: files, talk, or both; without a number: the messages')
    .argument('<session>', WHICH)
    .argument('[message]', 'its number')
    .option('--files', 'put back the files that oagent has changed since; the talk stays')
    .option('--talk', 'drop the message and all after it; the files stay')
    .option('--both', 'both, the default')
    .option('--undo', 'put back the files that the last rewind has changed')
    .option('--dry-run', 'only say what would be done')
    .action(async (session: string, message: string | undefined, flags) =>
      done(await (await import('./commands/rewind.ts')).rewindCommand(session, message, flags)),
    );
  sessions
    .command('trial')
    .description('what a session on trial has changed; keep or drop it')
    .argument('<session>', WHICH)
    .option('--diff', 'print the changes')
    .option('--keep', 'put all of it into the files; nothing if somebody else has changed one of them')
    .option('--keep-others', 'the same for all files that nobody else has changed')
    .option('--drop', 'leave nothing of it')
    .action(async (session: string, flags) =>
      done(await (await import('./commands/trial.ts')).trialCommand(session, flags)),
    );
  for (const parent of [sessions, program]) addTidyCommands(parent, done);
}

/** `archive`, `unarchive` and `delete`, below `sessions` and, as with Codex, at the top. */
function addTidyCommands(parent: Command, done: Done): void {
  const commands = () => import('./commands/sessions.ts');
  for (const [name, isArchived, text] of [
    ['archive', true, 'hide a session from the lists'],
    ['unarchive', false, 'restore an archived session'],
  ] as const) {
    parent
      .command(name)
      .description(text)
      .argument('<session>', WHICH)
      .action(async (session: string) => done(await (await commands()).archiveCommand(session, isArchived)));
  }
  parent
    .command('delete')
    .description('delete a session and its kept outputs; nothing is ever deleted automatically')
    .argument('<session>', WHICH)
    .option('--force', 'delete without asking')
    .action(async (session: string, flags) => done(await (await commands()).deleteCommand(session, flags)));
}
