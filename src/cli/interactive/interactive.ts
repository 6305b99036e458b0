/**
 * `oagent [PROMPT]`: the interactive session in a terminal.
 *
 * Nothing of the session begins before the trust question is answered, and the first picture is on the screen before
 * the server is asked.
 */
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { setInConfig } from '../../config/edit-config.ts';
import { ConfigError } from '../../config/errors.ts';
import { userHome } from '../../config/home.ts';
import type { Config } from '../../config/schema.ts';
import { setTrust } from '../../config/set-trust.ts';
import type { Table } from '../../config/table.ts';
import { trialsFolder } from '../../config/trial-folder.ts';
import { findUp, projectTrust, tooWideForWriting } from '../../config/trust.ts';
import { PLAN_MODE } from '../../protocol.ts';
import { untrustedFolders } from '../../safety/permissions.ts';
import { RulesError } from '../../safety/rules-source.ts';
import { firstMessage } from '../../session/first-message.ts';
import { readImage } from '../../session/images.ts';
import { InteractiveSession } from '../../session/interactive-session.ts';
import { planSession, type SessionPlan, withThread } from '../../session/plan.ts';
import { SessionError } from '../../session/session-error.ts';
import { VERSION } from '../../session/version.ts';
import { branchNames, recentCommits } from '../../system/git-commits.ts';
import { setCellWidths } from '../../text/cell-width.ts';
import { groupDigits } from '../../text/digits.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { shellWord } from '../../text/shell-word.ts';
import { findLookAlike } from '../../tools/look-alike.ts';
import { ENDING, type EndReason } from '../../tui/ending.ts';
import type { Services, StartFacts } from '../../tui/ports.ts';
import type { SessionState } from '../../tui/screen/session-state.ts';
import type { NotifyAbout, NotifySettings } from '../../tui/term/notify.ts';
import { StartQueries } from '../../tui/term/start-queries.ts';
import { errorLine } from '../options.ts';
import type { InteractiveChoice, InteractiveFlags } from './interactive-flags.ts';
import { appendPrompt, readPrompts } from './prompt-history.ts';
import { initPrompt } from './session-prompts.ts';
import type { OpenTrial, TrialWish } from './trial.ts';
import { saveMemory } from './v8-memory.ts';
import { gitBranch, gitDiff } from './workspace-git.ts';
import { copyToClipboard, listFiles, openEditor, writeExport } from './workspace-services.ts';

/** In Codex's words; it has more of them, for what is not here. */
const NOTIFICATIONS: ReadonlyMap<string, NotifyAbout> = new Map([
  ['agent-turn-complete', 'turns'],
  ['approval-requested', 'approvals'],
]);
const REMEMBERED_PROMPTS = 1_000;
const BRANCH_MS = 1_000;
const COMMITS_OFFERED = 100;

/**
 * Runs until the user leaves.
 * @param choice the session to resume. @param trial in which this process is. @returns the exit code.
 */
export async function interactiveCommand(
  prompt: string | undefined,
  flags: InteractiveFlags,
  choice?: InteractiveChoice,
  trial?: OpenTrial,
): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    process.stderr.write(
      errorLine('the interactive session needs a terminal. Without one: oagent exec "what to do"'),
    );
    return 2;
  }
  const isPlain = flags.screenReader === true || process.env.TERM === 'dumb';
  // Answered while the rest is loaded.
  const ask = (): StartQueries | undefined =>
    isPlain ? undefined : new StartQueries(process.stdin, process.stdout);
  const queries = ask();
  try {
    const isChosen = choice !== undefined && (choice.isLast === true || choice.session !== undefined);
    if (!isChosen || trial !== undefined)
      return await untilTheEnd(
        flags,
        { prompt, choice, isChosen, queries, trial, threadId: trial?.threadId },
        ask,
      );
    const { chooseFolder } = await import('./choose-folder.ts');
    const plan = planSession(flags, { interactive: true });
    const cd = flags.cd ?? (await chooseFolder(plan, choice, { isPlain }));
    const beginning = { prompt, choice, isChosen, queries };
    if (!existsSync(trialsFolder(plan.home))) return await untilTheEnd({ ...flags, cd }, beginning, ask);
    queries?.close();
    const { pendingTrialOf } = await import('./trial.ts');
    const wish = await pendingTrialOf(plan, { ...flags, cd }, choice, prompt);
    const next = { ...beginning, queries: wish === undefined ? ask() : undefined };
    return await untilTheEnd({ ...flags, cd }, next, ask, wish);
  } catch (error) {
    queries?.close();
    if (![SessionError, ConfigError, RulesError].some((kind) => error instanceof kind)) throw error;
    process.stderr.write(errorLine((error as Error).message));
    return 1;
  }
}

/** Conversations one after the other: on trial, and after it. @param wish the trial to begin with */
async function untilTheEnd(
  flags: InteractiveFlags,
  beginning: Beginning,
  ask: () => StartQueries | undefined,
  wish?: TrialWish,
): Promise<number> {
  const first = wish === undefined ? await converse(flags, beginning) : { code: 0, wish };
  let end: Ended = first;
  while (end.wish !== undefined) {
    const { trySession } = await import('./trial.ts');
    const { code, flags: same, next } = await trySession(end.wish);
    if (next === undefined) return code;
    const isStored = next.choice !== undefined;
    end = await converse(same, { ...next, prompt: undefined, isChosen: isStored, queries: ask() });
  }
  return end.code;
}

interface Ended {
  readonly code: number;
  /** The user wants the session to go on, on trial. */
  readonly wish?: TrialWish | undefined;
}

interface Beginning {
  readonly prompt: string | undefined;
  readonly choice: InteractiveChoice | undefined;
  /** `choice` names one session: the user need not be asked which. */
  readonly isChosen?: boolean;
  /** Undefined: the terminal is not asked for anything, and gets plain lines. */
  readonly queries: StartQueries | undefined;
  /** In which this process is. */
  readonly trial?: OpenTrial | undefined;
  /** Of a conversation of which nothing is kept yet. */
  readonly threadId?: string | undefined;
}

async function converse(
  flags: InteractiveFlags,
  { prompt, choice, isChosen, queries, trial, threadId }: Beginning,
): Promise<Ended> {
  const newPlan = (settings?: Table) =>
    planSession(flags, { interactive: true, ephemeral: flags.ephemeral ?? false, settings });
  const fresh = threadId === undefined ? newPlan() : withThread(newPlan(), threadId);
  const message = await firstMessage(prompt ?? '', { images: flags.image }, (line) =>
    process.stderr.write(`${line}\n`),
  );
  const resumed =
    isChosen && choice ? (await import('../../session/stored.ts')).resumePlan(fresh, choice) : fresh;
  const plan = trial === undefined ? resumed : { ...resumed, isOnTrial: true };
  const session = new InteractiveSession(plan, {
    lists: choice,
    index: plan.isEphemeral ? 'use' : 'make',
  });
  const facts = startFacts(plan, prompt);
  const begin = async (trust: 'trust' | 'read_only', choose: (kind: InteractiveChoice['kind']) => void) => {
    const isAsked = facts.trustRoot !== undefined;
    await session.start(isAsked ? await settled(plan, trust === 'trust', newPlan) : undefined);
    if (choice !== undefined && !isChosen) choose(choice.kind);
    if (flags.plan) session.submit({ type: 'set_permissions', ...PLAN_MODE });
    if (prompt !== undefined || message.images !== undefined) session.submitTyped(message);
  };
  let wish: TrialWish | undefined;
  const beginTrial = async (text: string): Promise<void> => {
    const { wishTrial } = await import('./trial.ts');
    wish = await wishTrial(session, flags, text);
  };
  const parts = { session, facts, plan, begin, trial, beginTrial };
  const front = await (queries === undefined ? plainFrontEnd(parts) : paintedFrontEnd(parts, queries));
  const stops = [quitWhenUnused(flags, session, front), saveMemory(session)];
  if (trial !== undefined) stops.push(trial.watch(session, front));
  const reason = await front.ended;
  for (const stop of stops) stop();
  // A second signal: stop waiting and kill what is left.
  const giveUp = (): never => process.exit(1);
  for (const signal of ENDING) process.on(signal, giveUp);
  await session.close();
  for (const signal of ENDING) process.off(signal, giveUp);
  await trial?.settle(plan.home);
  if (wish !== undefined && reason === 'quit') return { code: 0, wish };
  if (trial?.isDecided() !== true) printEnd(front, session.keptAs);
  return { code: reason === 'quit' ? 0 : 1 };
}

interface FrontEnd {
  readonly app: { readonly state: SessionState; readonly isUsed: boolean; warn(text: string): void };
  readonly ended: Promise<EndReason>;
  readonly end: (reason: EndReason) => void;
}

interface Parts {
  readonly session: InteractiveSession;
  readonly facts: StartFacts;
  readonly plan: SessionPlan;
  readonly begin: (
    trust: 'trust' | 'read_only',
    choose: (kind: InteractiveChoice['kind']) => void,
  ) => Promise<void>;
  readonly trial: OpenTrial | undefined;
  readonly beginTrial: (text: string) => Promise<void>;
}

async function paintedFrontEnd(parts: Parts, queries: StartQueries): Promise<FrontEnd> {
  const { session, facts, plan, begin } = parts;
  const { startTui } = await import('../../tui/start.ts');
  const { keymapOf } = await import('./own-keys.ts');
  const { openSessionPicker } = await import('../../tui/control/session-overlay.ts');
  const { widths, background } = await queries.answers();
  setCellWidths(widths);
  const tui = startTui({
    session,
    services: servicesOf(parts),
    facts,
    stdin: process.stdin,
    stdout: process.stdout,
    env: process.env,
    background,
    signals: process,
    notify: notifySettings(plan.loaded.config),
    theme: plan.loaded.config.tui.theme,
    keymap: keymapOf(plan.loaded.config),
    hasVi: plan.loaded.config.tui.vim,
    hasNoColor: (process.env.NO_COLOR ?? '') !== '',
    begin: (trust) => begin(trust, (kind) => openSessionPicker(tui.app, kind)),
  });
  return tui;
}

/** For screen readers, and for terminals that cannot move their cursor. */
async function plainFrontEnd(parts: Parts): Promise<FrontEnd> {
  const { session, facts, begin } = parts;
  const { startPlain } = await import('../../tui/plain/start.ts');
  const plain = startPlain({
    session,
    services: servicesOf(parts),
    facts,
    stdin: process.stdin,
    stdout: process.stdout,
    signals: process,
    begin: (trust) => begin(trust, (kind) => plain.app.chooseSession(kind)),
  });
  return plain;
}

/** What was used, and how to come back. */
function printEnd({ app: { state } }: FrontEnd, keptAs: string | undefined): void {
  const { total } = state;
  if (total !== undefined) {
    const [read, written] = [total.inputTokens, total.outputTokens].map(groupDigits);
    process.stdout.write(`Tokens used: ${read} read, ${written} written\n`);
  }
  if (keptAs !== undefined) {
    const name = shellWord(sanitizeForTerminal(keptAs));
    process.stdout.write(`To continue this session, run oagent resume ${name}\n`);
  }
}

/** Leaves some time after a turn if no key was ever pressed. @returns a function that stops that. */
function quitWhenUnused(flags: InteractiveFlags, session: InteractiveSession, front: FrontEnd): () => void {
  const seconds = Number(flags.quitWhenUnused ?? Number.NaN);
  let timer: NodeJS.Timeout | undefined;
  const unsubscribe = session.subscribe(({ type }) => {
    if (Number.isNaN(seconds) || (type !== 'turn_completed' && type !== 'turn_failed')) return;
    timer = setTimeout(() => {
      if (!front.app.isUsed) front.end('quit');
    }, seconds * 1_000);
  });
  return () => {
    unsubscribe();
    clearTimeout(timer);
  };
}

/** @returns the plan again, with what the project may say after the user's answer. A no is for this session only. */
async function settled(
  { home, cwd, loaded, stored }: SessionPlan,
  isTrusted: boolean,
  newPlan: (settings?: Table) => SessionPlan,
): Promise<SessionPlan> {
  const { root } = projectTrust(loaded.config, cwd);
  if (isTrusted) setTrust(home, root, 'trusted');
  const plan = newPlan(isTrusted ? {} : { projects: { [root]: { trust_level: 'untrusted' } } });
  if (stored === undefined) return plan;
  const { withStored } = await import('../../session/stored.ts');
  return withStored(plan, stored);
}

function startFacts(
  { cwd, home, env, permissions: { mode, approval }, loaded }: SessionPlan,
  prompt: string | undefined,
): StartFacts {
  const trust = projectTrust(loaded.config, cwd);
  const isRepository = findUp(cwd, ['.git']) !== undefined;
  const isModeGiven = loaded.origins.has('sandbox_mode');
  const canBeTrusted = isRepository && tooWideForWriting(cwd, env, home) === undefined;
  return {
    version: VERSION,
    cwd,
    home: userHome(env) ?? home,
    permissions: { mode, approval },
    // A user who names the mode has already decided.
    trustRoot: trust.level === 'unknown' && canBeTrusted && !isModeGiven ? trust.root : undefined,
    platform: process.platform,
    isHostFromEnv: (env.OLLAMA_HOST ?? '').trim() !== '',
    prompt,
  };
}

function servicesOf({ plan, session, trial, beginTrial }: Parts): Services {
  const { cwd, home, loaded, permissions } = plan;
  const { persistence, max_bytes: sizeLimit } = loaded.config.history;
  return {
    listFiles: (signal) => listFiles(cwd, signal),
    likelyFiles: (text) => session.filesFor(text),
    memories: session.memories,
    indexReport: (args) => session.indexReport(args),
    windowUse: () => session.windowUse(),
    gitDiff: () => gitDiff(cwd),
    gitBranches: () => branchNames(cwd),
    gitCommits: () => recentCommits(cwd, COMMITS_OFFERED),
    gitBranch: remembered(() => gitBranch(cwd)),
    openEditor: (text) => openEditor(text, { cwd, home }),
    copy: (text) => copyToClipboard(text, cwd),
    exportTo: (markdown, file) =>
      writeExport(markdown, path.resolve(cwd, file ?? exportName()), untrustedFolders(permissions)),
    isFile: (file) => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false,
    lookAlike: findLookAlike,
    // A path that only looks like it was settled when it was pasted.
    readImage: async (file) => readImage(file, () => undefined),
    promptHistory: () => readPrompts(home, REMEMBERED_PROMPTS),
    rememberPrompt: (text) => {
      if (persistence === 'none') return;
      void appendPrompt(home, text, { sizeLimit }).catch(() => undefined);
    },
    saveSetting: (key, value) => setInConfig(home, ['tui'], { [key]: value }),
    prompts: { init: initPrompt() },
    trial: trial?.services,
    beginTrial,
  };
}

/** Asks again after a second at the earliest: the footer is built in every frame. */
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

function notifySettings({ tui }: Config): NotifySettings {
  const { notifications = true, notification_method: method = 'auto' } = tui;
  const when = notifications === false ? 'never' : (tui.notification_condition ?? 'unfocused');
  if (typeof notifications === 'boolean') return { when, method };
  return { when, method, about: notifications.flatMap((name) => NOTIFICATIONS.get(name) ?? []) };
}
