/** One hook as it is configured, and what the text of a file says of them. */
import type { Config } from '../../config/schema.ts';
import { isTable } from '../../config/table.ts';

export const HOOK_EVENTS = [
  'SessionStart',
  'UserPromptSubmit',
  'PreToolUse',
  'PostToolUse',
  'PreCompact',
  'Stop',
  'Notification',
] as const;
export type HookEvent = (typeof HOOK_EVENTS)[number];

/** Moments of other agents, about which nothing is to be said for each of their hooks. */
export function isHookEvent(name: string): name is HookEvent {
  return HOOK_EVENTS.some((event) => event === name);
}

export interface Hook {
  readonly event: HookEvent;
  /** Absent: always. */
  readonly matcher?: string | undefined;
  readonly command: string;
  readonly timeoutMs: number;
  /** False: outside, if nothing that it runs can be changed by a command. */
  readonly isSandboxed: boolean;
  /** It is not the user's own: it stays in the sandbox, and widens nothing. */
  readonly isOfProject: boolean;
}

const DEFAULT_TIMEOUT_S = 60;
/** A day: no timer waits longer than 24 of them. */
const LONGEST_TIMEOUT_S = 86_400;

/** Those of config.toml, which has been checked. */
export function hooksOf(settings: NonNullable<Config['hooks']>): Hook[] {
  return readHooks(settings, false).hooks;
}

/**
 * The hooks of a file in the form of Codex and Claude, by event.
 *
 * @param isOfProject see Hook.
 * @returns also what cannot be used, one line each.
 */
export function readHooks(
  given: unknown,
  isOfProject: boolean,
): { readonly hooks: Hook[]; readonly problems: readonly string[] } {
  const hooks: Hook[] = [];
  const problems: string[] = [];
  if (!isTable(given)) return { hooks, problems: ['hooks is not an object of events'] };
  for (const [event, groups] of Object.entries(given)) {
    if (groups === undefined) continue;
    if (!isHookEvent(event)) {
      problems.push(`there is no moment ${event}; there are ${HOOK_EVENTS.join(', ')}`);
      continue;
    }
    for (const [at, group] of listOf(groups).entries()) {
      const read = readGroup(group, event, isOfProject);
      hooks.push(...read.hooks);
      problems.push(...read.problems.map((problem) => `${event}, ${at + 1}: ${problem}`));
    }
  }
  return { hooks, problems };
}

function readGroup(
  group: unknown,
  event: HookEvent,
  isOfProject: boolean,
): { readonly hooks: readonly Hook[]; readonly problems: readonly string[] } {
  if (!isTable(group) || !Array.isArray(group.hooks))
    return { hooks: [], problems: ['it has no list of hooks'] };
  const { matcher } = group;
  const wrong = matcherProblem(matcher);
  if (wrong !== undefined) return { hooks: [], problems: [wrong] };
  const read = group.hooks.map((handler) =>
    readHandler(handler, { event, matcher: matcher as string | undefined, isOfProject }),
  );
  return {
    hooks: read.filter((one) => typeof one !== 'string'),
    problems: read.filter((one) => typeof one === 'string'),
  };
}

function readHandler(given: unknown, base: Pick<Hook, 'event' | 'matcher' | 'isOfProject'>): Hook | string {
  if (!isTable(given)) return 'a hook is not an object';
  const { type, command, timeout = DEFAULT_TIMEOUT_S, sandbox = true } = given;
  if (type !== 'command') return `there are only hooks of type "command", not ${JSON.stringify(type)}`;
  if (typeof command !== 'string' || command.trim() === '' || command.includes('\0'))
    return 'its command is not a text';
  if (typeof timeout !== 'number' || !(timeout > 0)) return 'its timeout is not a number of seconds';
  if (typeof sandbox !== 'boolean') return 'its sandbox is not true or false';
  const timeoutMs = Math.ceil(Math.min(timeout, LONGEST_TIMEOUT_S) * 1_000);
  return { ...base, command, timeoutMs, isSandboxed: sandbox || base.isOfProject };
}

function matcherProblem(matcher: unknown): string | undefined {
  if (matcher === undefined || matcher === '*') return undefined;
  if (typeof matcher !== 'string') return 'its matcher is not a text';
  try {
    new RegExp(matcher);
    return undefined;
  } catch {
    return `its matcher ${JSON.stringify(matcher)} is not a regular expression`;
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
