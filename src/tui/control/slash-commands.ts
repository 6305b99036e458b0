/** What the slash commands do. When they may be used is decided in composer/send.ts. */

import { PLAN_MODE } from '../../protocol.ts';
import { errorMessage } from '../../text/error-message.ts';
import { reviewTurn, typedReview } from '../../text/review-words.ts';
import type { CommandName } from '../composer/commands.ts';
import { oneLine } from '../lines/clean.ts';
import { contextReport } from '../lines/context-report.ts';
import { infoLines } from '../lines/notice.ts';
import { statusReport } from '../lines/status-report.ts';
import { bareStyle } from '../lines/style.ts';
import { gitChangesLines } from '../overlay/git-changes.ts';
import { openPermissions, permissionsDialog } from '../overlay/permissions.ts';
import { openThemePicker, type ThemeName, themeOf } from '../overlay/theme-picker.ts';
import type { Services } from '../ports.ts';
import { exportMarkdown } from '../screen/export-markdown.ts';
import type { AppPort } from './app-port.ts';
import { helpOverlay, openDialog, pickerOverlay } from './dialog-overlay.ts';
import { McpOverlay } from './mcp-overlay.ts';
import { MemoriesOverlay } from './memories-overlay.ts';
import { ModelOverlay } from './model-overlay.ts';
import { openPlanChoice } from './plan-control.ts';
import { openReviewChoice } from './review-choice.ts';
import { openRewind } from './rewind-overlay.ts';
import { openSessionPicker } from './session-overlay.ts';
import { beginTrial, openTrialChoice } from './trial-control.ts';

export type SlashPort = Pick<
  AppPort,
  | 'services'
  | 'facts'
  | 'terminal'
  | 'clock'
  | 'state'
  | 'transcript'
  | 'composer'
  | 'theme'
  | 'keymap'
  | 'submit'
  | 'changed'
  | 'context'
  | 'print'
  | 'say'
  | 'warn'
  | 'open'
  | 'openPager'
  | 'setTheme'
  | 'quit'
>;

/** What the commands need that are the same in every front end. */
export interface SharedPort
  extends Pick<
    AppPort,
    | 'services'
    | 'facts'
    | 'state'
    | 'transcript'
    | 'submit'
    | 'context'
    | 'print'
    | 'say'
    | 'warn'
    | 'openPager'
    | 'quit'
  > {
  readonly terminal: Pick<AppPort['terminal'], 'copy'>;
}

type Action<Port> = (app: Port, args: string) => void;
type OwnName =
  | 'memories'
  | 'mcp'
  | 'model'
  | 'permissions'
  | 'clear'
  | 'resume'
  | 'rewind'
  | 'try'
  | 'review'
  | 'plan'
  | 'theme'
  | 'vim'
  | 'help';

/** `args` is without the white space around it. */
const SHARED: { readonly [name in Exclude<CommandName, OwnName>]: Action<SharedPort> } = {
  status: showStatus,
  context: (app) => report(app, showContext(app)),
  index: (app, args) => report(app, showIndex(app, args)),
  diff: (app) => report(app, showDiff(app)),
  task: (app, args) => {
    if (args === '') app.say('Usage: /task WHAT TO FIND OUT');
    else app.submit({ type: 'user_turn', text: args, shownAs: `/task ${args}`, isTask: true });
  },
  init: (app) => {
    const { services, facts } = app;
    if (services.isFile(`${facts.cwd}/AGENTS.md`)) {
      app.say('AGENTS.md already exists; /init would overwrite it.');
    } else app.submit({ type: 'user_turn', text: services.prompts.init, shownAs: '/init' });
  },
  compact: (app) => app.submit({ type: 'compact' }),
  new: startNew,
  fork: (app) => app.submit({ type: 'fork_session' }),
  rename: (app, args) => {
    if (args === '') app.say('Usage: /rename NAME');
    else app.submit({ type: 'rename_session', name: args });
  },
  copy: (app, args) => report(app, copyAnswer(app, args)),
  export: (app, args) => report(app, exportConversation(app, args)),
  ps: listBackground,
  stop: (app) => {
    const { background } = app.state;
    if (background.length === 0) return app.say('No commands are running in the background.');
    app.say(`Stopping ${background.map(({ command }) => oneLine(command, 80)).join(', ')}`);
    app.submit({ type: 'stop_background' });
  },
  remember: (app, args) => {
    if (args === '') app.say('Usage: /remember TEXT');
    else
      report(
        app,
        app.services.memories.remember(args).then((said) => app.say(said)),
      );
  },
  incognito: (app) => {
    if (app.state.isIncognito) app.say('This session is incognito already. Leave oagent to end that.');
    else app.submit({ type: 'go_incognito' });
  },
  quit: (app) => app.quit(),
};

/** Those of the view, whose dialogs and pages they open. */
const OWN: { readonly [name in OwnName]: Action<SlashPort> } = {
  memories: (app) => app.open(new MemoriesOverlay(app)),
  mcp: (app) => app.open(new McpOverlay(app)),
  model: (app, args) => {
    if (args === '') app.open(new ModelOverlay(app));
    else app.submit({ type: 'set_model', model: args });
  },
  permissions: (app) => {
    openDialog(app, permissionsDialog, openPermissions(app.state.permissions), (result) => {
      if (result.type === 'chosen') app.submit({ type: 'set_permissions', ...result.permissions });
    });
  },
  clear: (app) => {
    app.terminal.clear();
    startNew(app);
  },
  resume: (app, args) => {
    if (args === '') openSessionPicker(app, 'resume');
    else app.submit({ type: 'resume_session', session: args });
  },
  rewind: (app) => openRewind(app),
  try: (app, args) => {
    if (app.services.trial === undefined) beginTrial(app, args);
    else if (args !== '') app.submit({ type: 'user_turn', text: args });
    else openTrialChoice(app);
  },
  review: (app, args) => {
    if (args === '') openReviewChoice(app);
    else app.submit(reviewTurn(typedReview(args)));
  },
  plan: (app, args) => {
    const { permissions, plan } = app.state;
    if (!permissions.isPlan) app.submit({ type: 'set_permissions', ...PLAN_MODE });
    if (args !== '') app.submit({ type: 'user_turn', text: args });
    else if (plan !== undefined) openPlanChoice(app, plan);
    else {
      const key = app.keymap.label('mode');
      app.say(`Say what to plan.${key === undefined ? '' : ` ${key} leaves plan mode.`}`);
    }
  },
  theme: chooseTheme,
  vim: (app) => {
    const isOn = !app.composer.hasVi;
    app.composer.setVi(isOn);
    save(app, 'vim', isOn);
    app.say(isOn ? 'Keys of vi: on. Esc leaves insert mode, i begins it.' : 'Keys of vi: off.');
  },
  help: (app) => app.open(helpOverlay(app.keymap)),
};

const ACTIONS: { readonly [name in CommandName]: Action<SlashPort> } = { ...SHARED, ...OWN };

export function runSlashCommand(app: SlashPort, name: string, args: string): void {
  if (Object.hasOwn(ACTIONS, name)) ACTIONS[name as CommandName](app, args.trim());
}

/** @returns false if the command is one of the view alone. */
export function runSharedCommand(app: SharedPort, name: string, args: string): boolean {
  if (!Object.hasOwn(SHARED, name)) return false;
  SHARED[name as keyof typeof SHARED](app, args.trim());
  return true;
}

/** What the user has chosen holds for this session even if it cannot be kept. */
function save(app: SlashPort, ...setting: Parameters<Services['saveSetting']>): void {
  try {
    app.services.saveSetting(...setting);
  } catch (error) {
    app.warn(`this session only: ${errorMessage(error)}`);
  }
}

function report(app: SharedPort, work: Promise<void>): void {
  work.catch((error: unknown) => app.warn(errorMessage(error)));
}

function startNew(app: SharedPort): void {
  // It says why not.
  if (app.services.trial !== undefined) return app.submit({ type: 'new_session' });
  app.transcript.clear();
  app.submit({ type: 'new_session' });
}

async function showIndex(app: SharedPort, args: string): Promise<void> {
  const lines = await app.services.indexReport?.(args);
  app.say((lines ?? ['There is no index.']).join('\n'));
}

async function showDiff(app: SharedPort): Promise<void> {
  const diff = await app.services.gitDiff();
  if (diff.trim() === '') app.say('No changes in the working tree.');
  else app.openPager({ kind: 'lines', title: 'Changes', lines: (ctx) => gitChangesLines(diff, ctx) });
}

async function copyAnswer(app: SharedPort, args: string): Promise<void> {
  const answer = app.transcript.lastAnswer;
  if (answer === undefined) return app.say('There is no answer to copy yet.');
  const block = /^code\s*(\d*)$/.exec(args);
  const text = block === null ? answer : codeBlock(answer, Number(block[1] || 1));
  if (text === undefined) return app.say('The last answer has no such code block.');
  const isCopied = app.terminal.copy(text);
  const isSaved = await app.services.copy(text);
  if (isCopied || isSaved)
    app.say(`Copied ${text.length} characters${block === null ? ' of Markdown' : ''}.`);
  else app.warn('the clipboard is not available; use /export');
}

/** The n-th fenced block of a Markdown text, without its fences. */
function codeBlock(markdown: string, number: number): string | undefined {
  const blocks = [...markdown.matchAll(/^ {0,3}(`{3,}|~{3,})[^\n]*\n([\s\S]*?)^ {0,3}\1/gm)];
  return blocks[number - 1]?.[2];
}

async function exportConversation(app: SharedPort, args: string): Promise<void> {
  const markdown = exportMarkdown(app.transcript.items);
  if (markdown === '') return app.say('There is nothing to export yet.');
  const file = await app.services.exportTo(markdown, args === '' ? undefined : args);
  app.say(`Exported to ${oneLine(file)}`);
}

function listBackground(app: SharedPort): void {
  const { background } = app.state;
  if (background.length === 0) return app.say('No commands are running in the background.');
  app.print([
    ...infoLines('Running in the background (/stop ends them)', app.context()),
    ...background.map(({ sessionId, command }) => `  ${sessionId}  ${oneLine(command, 500)}`),
  ]);
}

function chooseTheme(app: SlashPort, args: string): void {
  const named = themeOf(args);
  const set = (theme: ThemeName): void => {
    app.setTheme(theme);
    save(app, 'theme', theme);
    app.say(`Theme: ${theme}. Earlier output keeps its colours.`);
  };
  if (named !== undefined) return set(named);
  const choose = (id: string): void => {
    const theme = themeOf(id);
    if (theme !== undefined) set(theme);
  };
  app.open(pickerOverlay(openThemePicker(app.theme), choose));
}

async function showContext(app: SharedPort): Promise<void> {
  const use = await app.services.windowUse?.();
  if (use === undefined) return app.say('What fills the window is not known yet: there is no model.');
  const ctx = app.context();
  app.print(contextReport(use, ctx, ctx.style === bareStyle));
}

function showStatus(app: SharedPort): void {
  const { state, facts } = app;
  const report = {
    version: facts.version,
    model: state.model,
    isLed: state.isLed,
    thinking: state.thinking,
    isIncognito: state.isIncognito,
    host: state.server.host,
    server: state.server.state,
    hosts: state.server.hosts ?? [],
    serverName: state.server.name,
    cwd: facts.cwd,
    sandbox: state.sandbox,
    approval: state.permissions.approval,
    threadId: state.threadId,
    window: state.window,
    compactions: state.compactions,
    total: state.total,
    background: state.background.length,
    index: state.index,
    tokensPerSecond: state.lastRate,
  };
  app.print(statusReport(report, app.context()));
}
