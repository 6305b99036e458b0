/**
 * `oagent [PROMPT]`: the interactive session in a terminal.
 *
 * Owns: what the view is given of the machine, and the end: nothing runs on, and one line says what was used.
 * Invariants: nothing of the session begins before the trust question is answered; the view is on the screen before the
 * server is asked. Does not: paint (tui/), talk to the server (interactive-session.ts).
 */
import { statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ConfigError } from '../../config/errors.ts';
import { setTrust } from '../../config/set-trust.ts';
import { findUp, projectTrust, tooWideForWriting } from '../../config/trust.ts';
import type { Event, Op } from '../../protocol.ts';
import { RulesError } from '../../safety/rules-source.ts';
import type { CodeIndex } from '../../session/code-index.ts';
import { InteractiveSession } from '../../session/interactive-session.ts';
import { planSession, SessionError, type SessionPlan } from '../../session/open-session.ts';
import type { SessionChoice } from '../../session/stored.ts';
import { VERSION } from '../../session/version.ts';
import { groupDigits } from '../../text/digits.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { shellWord } from '../../text/shell-word.ts';
import type { Services, StartFacts } from '../../tui/ports.ts';
import type { Tui } from '../../tui/start.tsx';
import type { SessionFlags } from '../options.ts';
import { errorLine } from '../options.ts';
import { readImage } from './images.ts';
import { appendPrompt, readPrompts } from './prompt-history.ts';
import { initPrompt, reviewPrompt } from './session-prompts.ts';
import { gitBranch, gitDiff } from './workspace-git.ts';
import { copyToClipboard, listFiles, openEditor, writeExport } from './workspace-services.ts';

export interface InteractiveFlags extends SessionFlags {
  readonly screenReader?: boolean;
  readonly ephemeral?: boolean;
  /** Seconds. */
  readonly quitWhenUnused?: string;
}

/** With which session it begins; `session` and `isLast` absent: the user chooses. */
export interface InteractiveChoice extends SessionChoice {
  readonly isLast?: boolean;
}

const REMEMBERED_PROMPTS = 1_000;
const BRANCH_MS = 1_000;
/** How long the first message waits for an index that is not ready yet: it was typed, so there was time. */
const INDEX_PATIENCE_MS = 1_000;

/** Runs until the user leaves. @param choice the session to go on with. @returns the exit code. */
export async function interactiveCommand(
  prompt: string | undefined,
  flags: InteractiveFlags,
  choice?: InteractiveChoice,
): Promise<number> {
  const isDumb = process.env.TERM === 'dumb';
  if (isDumb || !process.stdin.isTTY || !process.stdout.isTTY) {
    const problem = isDumb ? 'a terminal that can move its cursor (TERM is dumb)' : 'a terminal';
    process.stderr.write(
      errorLine(`the interactive session needs ${problem}. Without one: oagent exec "what to do"`),
    );
    return 2;
  }
  try {
    const isChosen = choice !== undefined && (choice.isLast === true || choice.session !== undefined);
    if (!isChosen) return await converse(flags, { prompt, choice });
    const { chooseFolder } = await import('./choose-folder.ts');
    const cd = flags.cd ?? (await chooseFolder(planSession(flags, { interactive: true }), choice));
    const there = cd === undefined ? flags : { ...flags, cd };
    return await converse(there, { prompt, choice, isChosen });
  } catch (error) {
    if (![SessionError, ConfigError, RulesError].some((kind) => error instanceof kind)) throw error;
    process.stderr.write(errorLine((error as Error).message));
    return 1;
  }
}

interface Beginning {
  readonly prompt: string | undefined;
  readonly choice: InteractiveChoice | undefined;
  /** It is known which session is gone on with. */
  readonly isChosen?: boolean;
}

async function converse(flags: InteractiveFlags, { prompt, choice, isChosen }: Beginning): Promise<number> {
  const options = { interactive: true, ephemeral: flags.ephemeral ?? false };
  const fresh = planSession(flags, options);
  const resumed =
    isChosen && choice ? (await import('../../session/stored.ts')).resumePlan(fresh, choice) : undefined;
  const plan = resumed?.plan ?? fresh;
  const images = (flags.image ?? []).map((file) => readImage(file));
  const { ENDING, startTui } = await import('../../tui/start.tsx');
  const { openSessionPicker } = await import('../../tui/control/session-overlay.ts');
  const late = new LateSession();
  let index: CodeIndex | undefined;
  const tui = startTui({
    session: late,
    services: { ...servicesOf(plan), likelyFiles: async (text) => (await index?.filesFor(text)) ?? [] },
    facts: startFacts(plan, prompt),
    stdin: process.stdin,
    stdout: process.stdout,
    env: process.env,
    signals: process,
    notify: { when: 'unfocused', method: 'auto' },
    hasNoColor: (process.env.NO_COLOR ?? '') !== '',
    isForScreenReader: flags.screenReader ?? false,
    begin: async (answer) => {
      if (answer === 'trust') setTrust(plan.home, projectTrust(plan.loaded.config, plan.cwd).root, 'trusted');
      const now = answer === 'trust' ? await withTrust(plan, planSession(flags, options)) : plan;
      const { openCodeIndex } = await import('../../session/code-index.ts');
      index = openCodeIndex(now, {
        purpose: flags.ephemeral ? 'use' : 'make',
        patienceMs: INDEX_PATIENCE_MS,
        onStatus: (lines) => late.tell({ type: 'index_status', lines }),
      });
      const session = new InteractiveSession(index === undefined ? now : { ...now, index }, {
        listsAll: choice?.isAll ?? false,
      });
      late.attach(session);
      const { mode, approval } = now.permissions;
      late.tell({ type: 'permissions_changed', mode, approval, sandbox: mode });
      await session.start();
      index?.start();
      for (const message of resumed?.notes ?? []) late.tell({ type: 'warning', message });
      if (choice !== undefined && !isChosen) openSessionPicker(tui.app, choice.kind);
      if (prompt !== undefined || images.length > 0) {
        late.submit({
          type: 'user_turn',
          text: prompt ?? '',
          images: images.length > 0 ? images : undefined,
        });
      }
    },
  });
  const stopWaiting = quitWhenUnused(flags, late, tui);
  // A session lasts for hours and leaves little behind: collecting earlier halves its memory, and no step is the slower
  // for it. Every command that is started costs less as well, since a fork copies what the process holds.
  process.getBuiltinModule('node:v8').setFlagsFromString('--optimize-for-size');
  const reason = await tui.ended;
  stopWaiting();
  // Who asks again does not want to wait for what still runs; it is killed.
  for (const signal of ENDING) process.on(signal, () => process.exit(1));
  await late.close();
  await index?.close();
  if (plan.stored?.lock.isHeld === false) plan.stored.lock.release();
  const { total } = tui.app.state;
  if (total !== undefined) {
    const [read, written] = [total.inputTokens, total.outputTokens].map(groupDigits);
    process.stdout.write(`Tokens used: ${read} read, ${written} written\n`);
  }
  const kept = late.keptAs;
  if (kept !== undefined) {
    process.stdout.write(
      `To continue this session, run oagent resume ${shellWord(sanitizeForTerminal(kept))}\n`,
    );
  }
  return reason === 'quit' ? 0 : 1;
}

/** Leaves some time after a turn if nobody has touched a key at all. @returns what stops that. */
function quitWhenUnused(flags: InteractiveFlags, session: LateSession, tui: Tui): () => void {
  const seconds = Number(flags.quitWhenUnused ?? Number.NaN);
  let timer: NodeJS.Timeout | undefined;
  const unsubscribe = session.subscribe(({ type }) => {
    if (Number.isNaN(seconds) || (type !== 'turn_completed' && type !== 'turn_failed')) return;
    timer = setTimeout(() => {
      if (!tui.app.isUsed) tui.end('quit');
    }, seconds * 1_000);
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}

/** A session that begins later: until then operations wait. */
class LateSession {
  #session: InteractiveSession | undefined;
  #waiting: Op[] = [];
  readonly #listeners = new Set<(event: Event) => void>();

  readonly submit = (op: Op): void => {
    if (this.#session === undefined) this.#waiting.push(op);
    else this.#session.submit(op);
  };

  readonly subscribe = (listener: (event: Event) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  attach(session: InteractiveSession): void {
    this.#session = session;
    session.subscribe((event) => this.tell(event));
    for (const op of this.#waiting.splice(0)) session.submit(op);
  }

  tell(event: Event): void {
    for (const listener of this.#listeners) listener(event);
  }

  get keptAs(): string | undefined {
    return this.#session?.keptAs;
  }

  async close(): Promise<void> {
    await this.#session?.close();
  }
}

/** @param trusted the plan anew, with what the project may say now. */
async function withTrust({ stored }: SessionPlan, trusted: SessionPlan): Promise<SessionPlan> {
  if (stored === undefined) return trusted;
  const { goOnWith } = await import('../../session/stored.ts');
  return goOnWith(trusted, stored).plan;
}

function startFacts({ cwd, home, permissions, loaded }: SessionPlan, prompt: string | undefined): StartFacts {
  const trust = projectTrust(loaded.config, cwd);
  const isRepository = findUp(cwd, ['.git']) !== undefined;
  const isModeGiven = loaded.origins.has('sandbox_mode');
  const canBeTrusted = isRepository && tooWideForWriting(cwd, process.env, home) === undefined;
  return {
    version: VERSION,
    cwd,
    home: os.homedir(),
    permissions: { mode: permissions.mode, approval: permissions.approval },
    // Whoever names the mode has decided already.
    trustRoot: trust.level === 'unknown' && canBeTrusted && !isModeGiven ? trust.root : undefined,
    platform: process.platform,
    isHostFromEnv: (process.env.OLLAMA_HOST ?? '').trim() !== '',
    prompt,
  };
}

function servicesOf({ cwd, home }: SessionPlan): Services {
  return {
    listFiles: (signal) => listFiles(cwd, signal),
    gitDiff: () => gitDiff(cwd),
    gitBranch: remembered(() => gitBranch(cwd)),
    openEditor,
    copy: copyToClipboard,
    exportTo: (markdown, file) => writeExport(markdown, path.resolve(cwd, file ?? exportName())),
    isFile: (file) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false,
    readImage: async (file) => readImage(file),
    promptHistory: () => readPrompts(home, REMEMBERED_PROMPTS),
    rememberPrompt: (text) => void appendPrompt(home, text).catch(() => undefined),
    prompts: { init: initPrompt(), review: reviewPrompt },
  };
}

/** Asks again after a second only: the footer is built in every frame. */
function remembered<T>(ask: () => T): () => T {
  let last: { readonly value: T; readonly until: number } | undefined;
  return () => {
    const now = performance.now();
    if (last === undefined || now >= last.until) last = { value: ask(), until: now + BRANCH_MS };
    return last.value;
  };
}

/** `oagent-20261121-0945.md` */
function exportName(): string {
  const [day = '', time = ''] = new Date().toISOString().split('T');
  return `oagent-${day.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}.md`;
}
