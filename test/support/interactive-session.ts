/** An interactive session without a view, of a user with a home folder and a trusted repository. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onTestFinished, vi } from 'vitest';
import type { Script } from '../../src/demo/script.ts';
import type { ScriptedOllamaOptions } from '../../src/demo/scripted-ollama.ts';
import type { Event, Op } from '../../src/protocol.ts';
import { type InteractiveOptions, InteractiveSession } from '../../src/session/interactive-session.ts';
import { planSession } from '../../src/session/plan.ts';
import { resumePlan } from '../../src/session/stored.ts';
import { isEnd } from './agent.ts';
import { NATIVE, RENDERED, type TestOllama, withOllama } from './ollama-server.ts';
import { tempFolder } from './temp-folder.ts';

export interface User {
  readonly home: string;
  readonly repo: string;
  readonly server: TestOllama;
}

/** This process has the user's environment until the test has finished. */
export async function user(script: Script, options: Partial<ScriptedOllamaOptions> = {}): Promise<User> {
  const folder = await tempFolder();
  const [home, repo] = [path.join(folder, '.oagent'), path.join(folder, 'repo')];
  mkdirSync(path.join(repo, '.git'), { recursive: true });
  mkdirSync(home);
  writeFileSync(path.join(home, 'config.toml'), `[projects."${repo}"]\ntrust_level = "trusted"\n`);
  const server = await withOllama(script, { models: [RENDERED, NATIVE], ...options });
  vi.stubEnv('HOME', folder);
  vi.stubEnv('OAGENT_HOME', home);
  vi.stubEnv('OLLAMA_HOST', server.host);
  onTestFinished(() => void vi.unstubAllEnvs());
  return { home, repo, server };
}

/** @param resumed id or name of a stored session. */
export async function open(repo: string, resumed?: string, options: InteractiveOptions = {}) {
  const fresh = planSession({ cd: repo, model: 'base' }, { interactive: true });
  const plan = resumed ? resumePlan(fresh, { kind: 'resume', session: resumed }) : fresh;
  const session = new InteractiveSession(plan, options);
  onTestFinished(() => session.close());
  const events: Event[] = [];
  session.subscribe((event) => events.push(event));
  /** Submits, and resolves with the first event that fits. */
  const after = (op: Op, fits: (event: Event) => boolean): Promise<Event> =>
    new Promise((resolve) => {
      const stop = session.subscribe((event) => {
        if (!fits(event)) return;
        stop();
        resolve(event);
      });
      session.submit(op);
    });
  await session.start();
  const say = (text: string): Promise<Event> => after({ type: 'user_turn', text }, isEnd);
  return { session, events, after, say };
}
