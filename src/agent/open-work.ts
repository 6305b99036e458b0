/**
 * What an answer that calls nothing leaves undone, so that it is hardly the end of the turn.
 *
 * Pure. What counts is what was seen: files, commands, the plan, the last call, and what the task asks for. Of the answer only its
 * form counts, which is the same in every language; English announcements are known by their words too. When in doubt, the answer is
 * taken.
 */

import { checkOf, mayEdit } from '../context/seen/checks.ts';
import type { CheckResult, Evidence } from '../protocol/evidence.ts';
import { endsInAnnouncement } from './announcement.ts';
import { asking } from './asks.ts';
import { namedCommands } from './led/named-commands.ts';
import { type TaskKind, taskKind } from './led/task-kind.ts';

export interface AskedTask {
  readonly text: string;
  readonly kind: TaskKind;
  /** Commands that it names, as written. */
  readonly commands: readonly string[];
}

/** Whether a text names something that could be worked on: code, a file, a function. */
export function namesCode(text: string): boolean {
  return NAMES.test(text) || /\w\(\)/.test(text);
}

/**
 * Whether a change was asked for, of something that is named and without an `if`, and nothing happened that could have made it.
 * @param text the message that began the turn. @param seen what was seen of the turn.
 */
export function isLeftUndone(text: string, seen: Evidence): boolean {
  const mayHaveChanged = seen.mcpCalls !== undefined || hasChanged({ seen });
  return !mayHaveChanged && taskKind(text) === 'change' && namesCode(text) && !/\bif\b/i.test(text);
}

/**
 * The last run of tests, if it failed and a change was asked for: whatever the answer says, the turn has not shown that it works.
 * @param text the message that began the turn. @param seen what was seen of the turn.
 */
export function failedTests(text: string, { checks }: Evidence): CheckResult | undefined {
  const last = checks.findLast(
    ({ command, tests }) => tests !== undefined || checkOf(command)?.kind === 'test',
  );
  return last?.passed === false && taskKind(text) === 'change' ? last : undefined;
}

/** @param text the message that began the turn, and what was said since. */
export function taskOf(text: string): AskedTask {
  return { text, kind: taskKind(text), commands: namedCommands(text) };
}

export interface EndFacts {
  readonly answer: string;
  /** The answer ends in a call, fenced like an example. */
  readonly endsInCall: boolean;
  /** Somebody can answer a question. */
  readonly isAttended: boolean;
  readonly task: AskedTask;
  /** Of the turn. */
  readonly seen: Evidence;
  readonly hasOpenSteps: boolean;
  readonly lastFailed: boolean;
}

export type OpenWork =
  | {
      readonly kind:
        | 'call'
        | 'announced'
        | 'code'
        | 'question'
        | 'plan'
        | 'failure'
        | 'no change'
        | 'untouched';
    }
  /** A command that was to succeed. */
  | { readonly kind: 'check'; readonly command: string; readonly hasRun: boolean };

/** A longer text is an answer, whatever is open. */
const SHORT = 600;
const WORD = 12;
/** What follows is missing. */
const GOES_ON = /(?:[:：…]|\.{3})[\s*_]*$/u;
const FENCED = /(?:^|\n)[ \t]*(?:```|~~~)[ \t]*$/;
/** Names something that could be worked on. */
const NAMES = /`[^`]+`|[\w-]\/[\w-]|[\w-]\.[A-Za-z]\w{0,5}(?!\w)/;
/** A path, or a name with an extension. */
const FILE = /(?:[\w@.-]+\/)*[\w@-][\w@.-]*\.[A-Za-z]\w{0,5}(?![\w/-])/g;

/** @returns undefined: nothing that is certain enough to ask. */
export function openWork(facts: EndFacts): OpenWork | undefined {
  const { answer, isAttended, task, hasOpenSteps, lastFailed } = facts;
  if (facts.endsInCall) return { kind: 'call' };
  const end = answer.trimEnd();
  const isDone = hasChanged(facts) && passed(facts);
  const asked = asking(answer);
  if (isAttended && asked !== undefined) return undefined;
  if (asked === 'last') return isDone || task.kind === 'question' ? undefined : { kind: 'question' };
  if (GOES_ON.test(end) || endsInAnnouncement(answer)) return { kind: 'announced' };
  if (isDone) return undefined;
  if (FENCED.test(end) && isUnmade(facts)) return { kind: 'code' };
  if (hasOpenSteps && mayAnnounce(facts)) return { kind: 'plan' };
  if (lastFailed && mayAnnounce(facts) && NAMES.test(answer)) return { kind: 'failure' };
  if (task.kind === 'question') return undefined;
  return (isAttended ? undefined : (uncheckedWork(facts) ?? unchangedWork(facts))) ?? untouchedFile(facts);
}

/** Neither a long text, nor a word such as `Done.`, nor a report about a file that was changed. */
function mayAnnounce({ answer, seen }: EndFacts): boolean {
  const { length } = answer.trim();
  return length > WORD && length <= SHORT && !namesChanged(answer, seen);
}

function namesChanged(answer: string, { files }: Evidence): boolean {
  return namedIn(answer).some((name) => files.some(({ path }) => path.endsWith(name)));
}

const namedIn = (text: string): readonly string[] => [...text.matchAll(FILE)].map(([name]) => name);

function hasChanged({ seen }: Pick<EndFacts, 'seen'>): boolean {
  return seen.files.length > 0 || seen.commands.some(mayEdit);
}

/** The last check passed. */
function passed({ seen }: EndFacts): boolean {
  return seen.checks.at(-1)?.passed ?? false;
}

/** Code at the end of an answer is likely to be meant as done. */
function isUnmade(facts: EndFacts): boolean {
  const { task, hasOpenSteps, lastFailed } = facts;
  if (task.kind === 'question') return false;
  return hasOpenSteps || lastFailed || !hasChanged(facts);
}

/** A test failed last, or the one that the task names did not run. */
function uncheckedWork({ seen, task }: EndFacts): OpenWork | undefined {
  const last = seen.checks.at(-1);
  if (last !== undefined)
    return last.passed ? undefined : { kind: 'check', command: last.command, hasRun: true };
  const named = task.commands.find((command) => checkOf(command) !== undefined);
  if (named === undefined || seen.commands.some(({ command }) => command.includes(named))) return undefined;
  return { kind: 'check', command: named, hasRun: false };
}

function unchangedWork(facts: EndFacts): OpenWork | undefined {
  const { answer, task } = facts;
  // A word in answer to a task that names nothing claims nothing.
  const isClaim = NAMES.test(task.text) || answer.trim().length > WORD;
  return task.kind === 'change' && isClaim && !hasChanged(facts) ? { kind: 'no change' } : undefined;
}

/** A short answer about files of the task, with nothing changed: it announces, or claims, what was not done. */
function untouchedFile(facts: EndFacts): OpenWork | undefined {
  const { answer, task } = facts;
  if (!mayAnnounce(facts) || hasChanged(facts) || /[?？؟]/u.test(task.text)) return undefined;
  const kind = task.kind === 'change' ? 'untouched' : 'announced';
  return namedIn(answer).some((name) => task.text.includes(name)) ? { kind } : undefined;
}
