/**
 * A session in the terminal on trial. The view that the user has ends, another process has the terminal, in which the workspace is
 * mounted with the trial on it; when that has ended, this one carries out what was decided, and the session goes on in a view here.
 */
import { Socket } from 'node:net';
import { findRollout } from '../../rollout/paths.ts';
import type { InteractiveSession } from '../../session/interactive-session.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { SessionError } from '../../session/session-error.ts';
import { chooseSession } from '../../session/stored.ts';
import {
  beginTrial,
  decideTrial,
  endTrial,
  runInTrial,
  sessionTrial,
  type Trial,
  type TrialDecision,
  type TrialEnd,
} from '../../session/trial.ts';
import { errorMessage } from '../../text/error-message.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { isUntouched, lookAtTrial, trialDiff } from '../../tools/trial/inside.ts';
import type { TrialPlace } from '../../tools/trial/mount.ts';
import { partOf, removeTrial, replaceFile } from '../../tools/trial/record.ts';
import type { EndReason } from '../../tui/ending.ts';
import type { TrialServices } from '../../tui/ports.ts';
import { errorLine } from '../options.ts';
import type { InteractiveChoice, InteractiveFlags } from './interactive-flags.ts';
import { watchSize } from './trial-size.ts';

/** How a session on trial is started. */
export interface TrialStart {
  readonly session: string;
  /** Something of the session is on the disk. */
  readonly isKept: boolean;
  readonly flags: InteractiveFlags;
  /** The next message. */
  readonly prompt?: string | undefined;
  /** Its conversation is on the screen already. */
  readonly isShown: boolean;
}

export interface TrialWish extends TrialStart {
  readonly place: TrialPlace;
}

/** The trial that this process is in. */
export interface OpenTrial {
  /** That of its session. */
  readonly threadId: string;
  readonly services: TrialServices;
  /** Ends the view with the process outside, and a turn that writes too much. @returns what ends that */
  readonly watch: (session: Pick<InteractiveSession, 'submit' | 'subscribe'>, front: Front) => () => void;
  readonly isDecided: () => boolean;
  /** To be called when the session is closed: notes what was decided, if anything was. Never rejects; a fault is told. */
  readonly settle: (home: string) => Promise<void>;
}

interface Front {
  readonly app: { warn(text: string): void };
  readonly end: (reason: EndReason) => void;
}

const ABOUT = [
  'On trial: what is written in this folder stays apart from your files until you keep it.',
  'Other folders (/tmp, --add-dir) are not on trial; .git is read-only.',
];
/** What a shell adds to the number of the signal that ended a program. */
const KILLED = 128;
/** The descriptor that ends with the process outside. */
const WATCHED = 3;

/** @throws TrialError that says why there can be no trial */
export async function wishTrial(
  session: Pick<InteractiveSession, 'plan' | 'keptAs'>,
  flags: InteractiveFlags,
  text: string,
): Promise<TrialWish> {
  const { plan, keptAs } = session;
  const place = await beginTrial(plan);
  const isKept = keptAs !== undefined;
  return {
    place,
    session: plan.threadId,
    isKept,
    isShown: true,
    prompt: text === '' ? undefined : text,
    flags: sameSession(flags, plan, isKept),
  };
}

/** The flags with which the session is as it is now. What it has on the disk says its model. */
function sameSession(
  flags: InteractiveFlags,
  { cwd, permissions }: SessionPlan,
  isKept: boolean,
): InteractiveFlags {
  return {
    ...flags,
    cd: cwd,
    sandbox: permissions.mode,
    askForApproval: permissions.approval,
    fullAuto: false,
    dangerouslyBypassApprovalsAndSandbox: false,
    plan: false,
    image: undefined,
    model: isKept ? undefined : flags.model,
    quitWhenUnused: undefined,
  };
}

/** The trial that a session to be resumed has; one that was decided is carried out first. @throws SessionError */
export async function pendingTrialOf(
  { home, cwd }: SessionPlan,
  flags: InteractiveFlags,
  choice: InteractiveChoice,
  prompt: string | undefined,
): Promise<TrialWish | undefined> {
  if (choice.kind === 'fork') return undefined;
  const { id } = chooseSession(home, cwd, choice);
  const pending = sessionTrial(home, id);
  if (pending === undefined) return undefined;
  try {
    const end = await endTrial(pending, id);
    tell(end.lines);
    if (!end.isOpen) return undefined;
  } catch (error) {
    throw new SessionError(`the trial of this session cannot be finished: ${errorMessage(error)}`);
  }
  const { place } = pending;
  return {
    place,
    session: id,
    isKept: true,
    isShown: false,
    prompt,
    flags: { ...flags, cd: place.workspace },
  };
}

interface AfterTrial {
  readonly code: number;
  readonly flags: InteractiveFlags;
  /** The session that goes on; absent: the user has left. Without `choice` nothing of it is kept yet. */
  readonly next?: { readonly threadId: string; readonly choice: InteractiveChoice | undefined };
}

/** Runs the session in its trial until the user leaves or has decided, and carries that out. @throws SessionError */
export async function trySession(wish: TrialWish): Promise<AfterTrial> {
  const { place, session, flags } = wish;
  let start: TrialStart = wish;
  tell(ABOUT);
  for (;;) {
    const { isKept, prompt, isShown } = start;
    const text = JSON.stringify({ session, isKept, flags, prompt, isShown });
    replaceFile(partOf(place.folder, 'begin.json'), text);
    const code = await runInTrial(place, session, ['in-trial', place.folder]);
    if (code > KILLED) await putTerminalBack();
    const pending = sessionTrial(place.home, session);
    if (pending === undefined) return { code, flags };
    if (pending.state === 'open') return leave(pending.place, code, flags);
    const end = await carryOut(pending, session);
    if (end === undefined) return { code: 1, flags };
    const isStored = findRollout(place.home, session) !== undefined;
    const choice = { kind: 'resume', session, isAll: true, isShown: true } as const;
    if (!end.isOpen)
      return { code, flags, next: { threadId: session, choice: isStored ? choice : undefined } };
    start = { ...start, isKept: isStored, prompt: undefined, isShown: true };
  }
}

/** The process that had the terminal was killed, and has left it as it was: in the middle of a picture. */
async function putTerminalBack(): Promise<void> {
  const { restoreSequence } = await import('../../tui/term/sequences.ts');
  process.stdout.write(restoreSequence({ alternate: false, keyboard: true, title: true }));
  process.stdout.write('\r\x1b[J\nThe process that had this session was killed.\n');
}

/** What was not touched is no trial. */
function leave(place: TrialPlace, code: number, flags: InteractiveFlags): AfterTrial {
  if (isUntouched(place.folder)) removeTrial(place.folder);
  else tell(['What this session has changed is still on trial; resuming it continues there.']);
  return { code, flags };
}

/** Undefined: it could not be done, and the user was told. */
async function carryOut(pending: Trial, session: string): Promise<TrialEnd | undefined> {
  try {
    const end = await endTrial(pending, session);
    tell(end.lines);
    return end;
  } catch (error) {
    process.stderr.write(
      errorLine(
        `the trial cannot be finished: ${errorMessage(error)}. To try again: oagent resume ${session}`,
      ),
    );
    return undefined;
  }
}

function tell(lines: readonly string[]): void {
  if (lines.length > 0) process.stdout.write(`${lines.map(sanitizeForTerminal).join('\n')}\n\n`);
}

/** @param threadId of its session */
export function openTrial(folder: string, threadId: string): OpenTrial {
  let decision: TrialDecision | undefined;
  return {
    threadId,
    services: {
      look: async () => lookAtTrial(folder),
      diff: async () => trialDiff(folder),
      decide: (how) => {
        decision = how;
      },
    },
    watch: (session, front) => watch(folder, session, front),
    isDecided: () => decision !== undefined,
    settle: async (home) => {
      if (decision === undefined) return;
      try {
        await decideTrial(home, threadId, decision);
      } catch (error) {
        process.stderr.write(errorLine(`nothing is decided: ${errorMessage(error)}`));
      }
    },
  };
}

function watch(
  folder: string,
  session: Pick<InteractiveSession, 'submit' | 'subscribe'>,
  front: Front,
): () => void {
  const outside = new Socket({ fd: WATCHED, readable: true, writable: false });
  outside.on('close', () => front.end('SIGHUP'));
  outside.on('error', () => undefined);
  outside.resume();
  outside.unref();
  const unwatch = watchSize(folder, session, (text) => front.app.warn(text));
  return () => {
    unwatch();
    outside.destroy();
  };
}
