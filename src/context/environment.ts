/**
 * What the model must know about the machine: shell, date, time zone, sandbox, folder. The folder comes last, and
 * nothing else in the text depends on it, so that sessions in different folders share the longest prefix.
 */
import { existsSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import type { SandboxMode } from '../protocol.ts';
import { hasNetwork, type Permissions } from '../safety/permissions.ts';

/** As stored in session files. */
interface SandboxFacts {
  readonly mode: SandboxMode;
  readonly networkAccess: boolean;
  /** Absolute; writable besides the working directory. */
  readonly writableRoots: readonly string[];
}

export interface Environment {
  readonly shell: string;
  /** YYYY-MM-DD in the local time zone. */
  readonly date: string;
  /** IANA name. */
  readonly timezone: string;
  readonly sandbox: SandboxFacts;
  /** Plan mode (plan-context.ts). Absent in sessions of earlier versions. */
  readonly isPlan?: boolean;
  /** Absolute. */
  readonly cwd: string;
}

/** The whole environment as a message: about 60 tokens. */
export function environmentContext(environment: Environment): string {
  return wrap(lines(environment));
}

/** The lines that have changed; undefined if none has. */
export function environmentDiff(previous: Environment, next: Environment): string | undefined {
  const known = new Set(lines(previous));
  const changed = lines(next).filter((line) => !known.has(line));
  return changed.length === 0 ? undefined : wrap(changed);
}

/** The environment as it is now. */
export function readEnvironment(
  permissions: Pick<Permissions, 'cwd' | 'mode' | 'network' | 'writableRoots' | 'isPlan'>,
  now: Date = new Date(),
): Environment {
  const { cwd, mode, writableRoots, isPlan } = permissions;
  return {
    shell: path.basename(commandShell()),
    date: localDate(now),
    timezone: timeZone(),
    sandbox: { mode, networkAccess: hasNetwork(permissions), writableRoots },
    isPlan,
    cwd,
  };
}

/**
 * The IANA name, from TZ or the link that /etc/localtime is on Linux and macOS; only otherwise from Intl, whose tables
 * take 20 ms and 9 MB to load.
 */
function timeZone(): string {
  const { TZ } = process.env;
  if (TZ !== undefined && /^[A-Z][\w+-]*(?:\/[\w+-]+)*$/.test(TZ)) return TZ;
  try {
    const zone = /zoneinfo\/(.+)$/.exec(readlinkSync('/etc/localtime'))?.[1];
    if (TZ === undefined && zone !== undefined) return zone;
  } catch {
    // No such link: a container without a time zone, or another system.
  }
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * The shell that runs commands, absolute: bash whatever the user's own shell is, because models write bash and the
 * list of read-only commands is decided by bash's grammar; sh where there is no bash.
 */
export function commandShell(): string {
  return existsSync('/bin/bash') ? '/bin/bash' : '/bin/sh';
}

function lines({ shell, date, timezone, sandbox, cwd }: Environment): string[] {
  return [
    `<shell>${shell}</shell>`,
    `<current_date>${date}</current_date>`,
    `<timezone>${timezone}</timezone>`,
    `<sandbox>${sandboxState(sandbox, cwd)}</sandbox>`,
    `<cwd>${cwd}</cwd>`,
  ];
}

function sandboxState({ mode, networkAccess, writableRoots }: SandboxFacts, cwd: string): string {
  const others = mode === 'workspace-write' ? writableRoots.filter((root) => root !== cwd) : [];
  const writable = others.length === 0 ? '' : `, also writable: ${others.join(', ')}`;
  return `${mode}, network ${networkAccess ? 'on' : 'off'}${writable}`;
}

function wrap(content: readonly string[]): string {
  return `<environment_context>\n${content.map((line) => `  ${line}\n`).join('')}</environment_context>`;
}

function localDate(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
