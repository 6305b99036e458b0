/**
 * What the slash commands do.
 *
 * Invariants: every command of the table has a branch; what cannot be done yet says so instead of doing nothing.
 * Does not: decide when a command may be used (composer/commands.ts, send.ts).
 */
import { errorMessage } from '../../text/error-message.ts';
import { oneLine } from '../lines/clean.ts';
import { warningLines } from '../lines/notice.ts';
import { statusReport } from '../lines/status-report.ts';
import { colorStyle, plainStyle } from '../lines/style.ts';
import { gitChangesLines } from '../overlay/git-changes.ts';
import { openThemePicker, type ThemeName, themeOf } from '../overlay/theme-picker.ts';
import { exportMarkdown } from '../screen/export-markdown.ts';
import type { App } from './app.ts';
import { modelOverlay } from './model-overlay.ts';
import { helpOverlay, permissionsOverlay, pickerOverlay } from './overlays.ts';
import { openSessionPicker } from './session-overlay.ts';

const MISSING: { readonly [name: string]: string } = {
  plan: 'there is no plan mode yet: ask for a plan, in a session with /permissions read only',
};

export function runSlashCommand(app: App, name: string, args: string): void {
  const { session, services } = app.options;
  switch (name) {
    case 'model':
      if (args === '') app.open(modelOverlay(app));
      else session.submit({ type: 'set_model', model: args });
      return;
    case 'permissions':
      app.open(
        permissionsOverlay(app.state.permissions, ({ mode, approval }) =>
          session.submit({ type: 'set_permissions', mode, approval }),
        ),
      );
      return;
    case 'status':
      app.print(statusReport(statusFacts(app), app.context()));
      return;
    case 'diff':
      report(app, showDiff(app));
      return;
    case 'review':
      session.submit({ type: 'user_turn', text: services.prompts.review(args) });
      return;
    case 'init':
      if (services.isFile(`${app.options.facts.cwd}/AGENTS.md`)) {
        app.say('AGENTS.md is there already; /init would overwrite it.');
      } else session.submit({ type: 'user_turn', text: services.prompts.init });
      return;
    case 'compact':
      session.submit({ type: 'compact' });
      return;
    case 'new':
    case 'clear':
      if (name === 'clear') app.options.clearScreen();
      app.transcript.clear();
      session.submit({ type: 'new_session' });
      return;
    case 'resume':
      if (args.trim() === '') openSessionPicker(app, 'resume');
      else session.submit({ type: 'resume_session', session: args.trim() });
      return;
    case 'fork':
      session.submit({ type: 'fork_session' });
      return;
    case 'rename':
      if (args.trim() === '') app.say('How shall it be called? /rename NAME');
      else session.submit({ type: 'rename_session', name: args.trim() });
      return;
    case 'copy':
      report(app, copyAnswer(app, args));
      return;
    case 'export':
      report(app, exportConversation(app, args));
      return;
    case 'ps':
      app.print(backgroundLines(app));
      return;
    case 'stop':
      if (app.state.background.length === 0) app.say('No command runs in the background.');
      else session.submit({ type: 'stop_background' });
      return;
    case 'theme':
      chooseTheme(app, args);
      return;
    case 'help':
      app.open(helpOverlay());
      return;
    case 'quit':
      app.options.quit();
      return;
    default:
      app.print(warningLines(`/${name}: ${MISSING[name] ?? 'not there yet'}`, app.context()));
  }
}

function report(app: App, work: Promise<void>): void {
  work.catch((error: unknown) => {
    app.print(warningLines(errorMessage(error), app.context()));
  });
}

async function showDiff(app: App): Promise<void> {
  const diff = await app.options.services.gitDiff();
  if (diff.trim() === '') app.say('Nothing has changed in the working tree.');
  else app.openPager({ kind: 'lines', title: 'Changes', lines: (ctx) => gitChangesLines(diff, ctx) });
}

async function copyAnswer(app: App, args: string): Promise<void> {
  const answer = app.transcript.lastAnswer;
  if (answer === undefined) return app.say('There is no answer to copy yet.');
  const block = /^code\s*(\d*)$/.exec(args.trim());
  const text = block === null ? answer : codeBlock(answer, Number(block[1] || 1));
  if (text === undefined) return app.say('The last answer has no such code block.');
  const isCopied = app.options.copyByTerminal(text);
  const isSaved = await app.options.services.copy(text);
  if (isCopied || isSaved)
    app.say(`Copied ${text.length} characters${block === null ? ' of Markdown' : ''}.`);
  else app.print(warningLines('the clipboard cannot be reached: use /export', app.context()));
}

/** The n-th fenced block of a Markdown text, without its fences. */
function codeBlock(markdown: string, number: number): string | undefined {
  const blocks = [...markdown.matchAll(/^ {0,3}(`{3,}|~{3,})[^\n]*\n([\s\S]*?)^ {0,3}\1/gm)];
  return blocks[number - 1]?.[2];
}

async function exportConversation(app: App, args: string): Promise<void> {
  const markdown = exportMarkdown(app.transcript.items);
  if (markdown === '') return app.say('There is nothing to export yet.');
  const file = await app.options.services.exportTo(markdown, args.trim() === '' ? undefined : args.trim());
  app.say(`Written to ${oneLine(file)}`);
}

function backgroundLines(app: App): string[] {
  const { background } = app.state;
  if (background.length === 0) return ['• No command runs in the background.'];
  return [
    '• In the background (/stop ends them)',
    ...background.map(({ sessionId, command }) => `  ${sessionId}  ${oneLine(command, 500)}`),
  ];
}

function chooseTheme(app: App, args: string): void {
  const named = themeOf(args.trim());
  const set = (theme: ThemeName): void => {
    app.theme = theme;
    app.style = theme === 'plain' || (theme === 'auto' && app.options.hasNoColor) ? plainStyle : colorStyle;
    app.say(`Colours: ${theme}. What stands above stays as it is.`);
  };
  if (named !== undefined) set(named);
  else
    app.open(
      pickerOverlay(openThemePicker(app.theme), (id) => {
        const theme = themeOf(id);
        if (theme !== undefined) set(theme);
      }),
    );
}

function statusFacts(app: App) {
  const { state, options } = app;
  const { facts } = options;
  return {
    version: facts.version,
    model: state.model,
    isLed: state.isLed,
    host: state.server.host,
    server: state.server.state,
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
}
