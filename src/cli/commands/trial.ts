/** `oagent sessions trial`: what a session on trial has changed, and what becomes of it. */
import { planSession } from '../../session/plan.ts';
import { SessionError } from '../../session/session-error.ts';
import { chooseSession } from '../../session/stored.ts';
import { decideTrial, endTrial, runInTrial, sessionTrial } from '../../session/trial.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { lookAtTrial, trialDiff } from '../../tools/trial/inside.ts';
import { reportLines, trialTitle } from '../../tui/overlay/trial-choice.ts';

interface TrialFlags {
  readonly diff?: boolean;
  readonly keep?: boolean;
  readonly keepOthers?: boolean;
  readonly drop?: boolean;
}

/**
 * @returns 1 if something was left alone
 * @throws SessionError, TrialError
 */
export async function trialCommand(session: string, flags: TrialFlags): Promise<number> {
  const { home } = planSession({}, { interactive: true });
  const { id } = chooseSession(home, process.cwd(), { kind: 'resume', session, isAll: true });
  const wanted = actionOf(flags);
  const pending = sessionTrial(home, id);
  if (pending === undefined) throw new SessionError('this session is not on trial');
  if (pending.state === 'open') {
    const code = await runInTrial(pending.place, id, ['in-trial', pending.place.folder, wanted, id]);
    if (code !== 0) return code;
  }
  const decided = sessionTrial(home, id);
  if (decided === undefined || decided.state === 'open') return 0;
  const { lines, isIncomplete } = await endTrial(decided, id);
  print(lines);
  return isIncomplete ? 1 : 0;
}

type Action = 'list' | 'diff' | 'keep' | 'keep-others' | 'drop';

/** @throws SessionError */
function actionOf({ diff = false, keep = false, keepOthers = false, drop = false }: TrialFlags): Action {
  const wanted: readonly (readonly [boolean, Action])[] = [
    [diff, 'diff'],
    [keep, 'keep'],
    [keepOthers, 'keep-others'],
    [drop, 'drop'],
  ];
  const given = wanted.filter(([isGiven]) => isGiven);
  if (given.length > 1)
    throw new SessionError('--diff, --keep, --keep-others and --drop exclude each other: give one');
  return given[0]?.[1] ?? 'list';
}

/** In the process where the trial is mounted. @returns the exit code */
export async function actInTrial(folder: string, action: string, session: string): Promise<number> {
  const { home } = planSession({}, { interactive: true });
  switch (action) {
    case 'list': {
      const report = lookAtTrial(folder);
      print([trialTitle(report), ...reportLines(report).map((line) => `  ${line}`)]);
      return 0;
    }
    case 'diff':
      print([trialDiff(folder).trimEnd()]);
      return 0;
    case 'keep':
      await decideTrial(home, session, 'keep');
      return 0;
    case 'keep-others':
      await decideTrial(home, session, 'others');
      return 0;
    case 'drop':
      await decideTrial(home, session, 'drop');
      return 0;
    default:
      return 2;
  }
}

function print(lines: readonly string[]): void {
  const text = `${lines.join('\n')}\n`;
  process.stdout.write(process.stdout.isTTY ? sanitizeForTerminal(text) : text);
}
