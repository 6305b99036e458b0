/** The hooks of a session, in a folder of the test, with real programs in the real sandbox. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { HookAnswer } from '../../../src/extensions/hooks/answer.ts';
import { type Hook, readHooks } from '../../../src/extensions/hooks/hook.ts';
import { SessionHooks } from '../../../src/extensions/hooks/session-hooks.ts';
import type { Event } from '../../../src/protocol.ts';
import type { Permissions } from '../../../src/safety/permissions.ts';
import { createSandbox } from '../../../src/safety/sandbox/probe.ts';
import { tempFolder } from '../../support/temp-folder.ts';

type Groups = { readonly [event: string]: unknown };

/** One hook in a group of its own. */
export function group(command: string, more: { matcher?: string; timeout?: number; sandbox?: boolean } = {}) {
  const { matcher, ...handler } = more;
  return { ...(matcher !== undefined && { matcher }), hooks: [{ type: 'command', command, ...handler }] };
}

export async function sessionHooks(
  groups: Groups,
  more: { mode?: Permissions['mode']; isOfProject?: boolean; approval?: Permissions['approval'] } = {},
) {
  const folder = await tempFolder();
  const [cwd, home] = [path.join(folder, 'repo'), path.join(folder, 'home')];
  for (const dir of [cwd, home]) mkdirSync(dir);
  const permissions: Permissions = {
    mode: more.mode ?? 'workspace-write',
    approval: more.approval ?? 'on-request',
    ...{ cwd, home, env: process.env, writableRoots: [], network: false },
    ...{ excludeSlashTmp: true, excludeTmpdirEnvVar: true },
  };
  const events: Event[] = [];
  /** Of the hooks that the turn waits for. */
  const phases: (string | undefined)[] = [];
  const emit = (event: Event): void => {
    if (event.type === 'model_phase') phases.push(event.detail);
    else events.push(event);
  };
  const ended: [string, HookAnswer | string][] = [];
  const { hooks } = readHooks(groups, more.isOfProject ?? false);
  const session = new SessionHooks(hooks, {
    place: () => ({
      cwd,
      project: cwd,
      threadId: 'thread',
      permissions,
      env: { ...process.env, HOME: home },
    }),
    sandbox: (given) => createSandbox(given),
    emit,
    onEnd: ({ command }: Hook, answer) =>
      ended.push([command, answer instanceof Error ? answer.message : answer]),
  });
  onTestFinished(() => session.close());
  const interrupt = new AbortController();
  const call = {
    ...{ turnId: 'turn', model: 'qwen', emit },
    signal: interrupt.signal,
  };
  return { session, call, cwd, home, events, phases, ended, interrupt };
}

export const bash = (command: string) => ({ name: 'shell', arguments: { command }, callId: 'call_1' });
