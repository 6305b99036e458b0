/** The slash commands where lines are all there is: those of the view, and what replaces its keys and pages. */
import { PLAN_MODE } from '../../protocol.ts';
import { plural } from '../../text/digits.ts';
import { errorMessage } from '../../text/error-message.ts';
import { reviewTurn, typedReview } from '../../text/review-words.ts';
import { customCommand, SLASH_COMMANDS, type SlashCommand } from '../composer/commands.ts';
import type { Clock } from '../control/frame-clock.ts';
import { runSharedCommand, type SharedPort } from '../control/slash-commands.ts';
import { beginTrial } from '../control/trial-control.ts';
import { oneLine } from '../lines/clean.ts';
import { wholeItemLines } from '../overlay/transcript.ts';
import { activityText } from '../screen/status.ts';
import {
  type Asker,
  backQuestion,
  mcpQuestion,
  memoriesQuestion,
  permissionsQuestion,
  planQuestion,
  reviewQuestion,
} from './choices.ts';
import { OWN_COMMANDS } from './own-commands.ts';

export interface PlainPort extends SharedPort, Asker {
  readonly clock: Clock;
  /** How far a download is, if there is one. */
  readonly pullText: () => string | undefined;
  readonly chooseModel: (byItself?: boolean) => void;
  readonly chooseSession: (kind: 'resume' | 'fork') => void;
  readonly chooseRewind: () => void;
  chooseTrial(): void;
  /** Lines as they are. */
  readonly show: (lines: readonly string[]) => void;
}

/** What only a screen that is painted can do. */
const SENSELESS: { readonly [name: string]: string } = {
  theme: 'There are no colours here.',
  vim: 'The terminal itself edits the line here.',
  clear: 'There is no screen to clear. /new starts a new conversation.',
};

const PLAIN_COMMANDS: readonly SlashCommand[] = [
  ...SLASH_COMMANDS.filter(({ name }) => SENSELESS[name] === undefined),
  ...OWN_COMMANDS,
];

/** Also what is refused with a word of its own. */
export const KNOWN_COMMANDS: readonly SlashCommand[] = [...SLASH_COMMANDS, ...OWN_COMMANDS];

type Action = (app: PlainPort, args: string) => void;

const ACTIONS: { readonly [name: string]: Action } = {
  memories: (app) => {
    const { memories } = app.services;
    const { isIncognito } = app.state;
    const warn = (error: unknown): void => app.warn(errorMessage(error));
    memories
      .report()
      .then((report) => app.ask(memoriesQuestion(app, { report, memories, isIncognito, warn })), warn);
  },
  mcp: (app) => app.ask(mcpQuestion(app, app.state.mcp, app.facts.home)),
  model: (app, args) => (args === '' ? app.chooseModel() : app.submit({ type: 'set_model', model: args })),
  permissions: (app) => app.ask(permissionsQuestion(app, app.state.permissions)),
  resume: (app, args) => {
    if (args === '') app.chooseSession('resume');
    else app.submit({ type: 'resume_session', session: args });
  },
  rewind: (app) => app.chooseRewind(),
  try: (app, args) => {
    if (app.services.trial === undefined) beginTrial(app, args);
    else if (args !== '') app.submit({ type: 'user_turn', text: args });
    else app.chooseTrial();
  },
  review: (app, args) => {
    if (args === '') app.ask(reviewQuestion(app, app.services));
    else app.submit(reviewTurn(typedReview(args)));
  },
  status: showStatus,
  plan: (app, args) => {
    const { permissions, plan, beforePlan } = app.state;
    if (!permissions.isPlan) app.submit({ type: 'set_permissions', ...PLAN_MODE });
    if (args !== '') app.submit({ type: 'user_turn', text: args });
    else if (plan !== undefined) app.ask(planQuestion(app, beforePlan, permissions));
    else app.say('Say what to plan. /permissions leaves plan mode.');
  },
  help: (app) => app.show([...HELP, ...app.state.commands.map(customCommand).map(helpLine)]),
  last: showLast,
  queue: (app, args) => {
    if (args !== '') app.submit({ type: 'user_turn', text: args });
    else showQueue(app);
  },
  back: (app) => {
    const { transcript } = app;
    const promptsFrom = (id: string): number => transcript.promptsFrom(id);
    const question = backQuestion(app, { items: transcript.items, promptsFrom });
    if (question === undefined) app.say('There is no message to go back to.');
    else app.ask(question);
  },
  unqueue: (app) => {
    const last = app.state.queue.at(-1);
    if (last === undefined) app.say('No message is waiting.');
    else app.submit({ type: 'unqueue', id: last.id });
  },
};

const HELP = [
  'A line is a message. While a turn runs, it steers: the model gets it with its next request.',
  'A line that ends with a backslash continues on the next one. Lines that are pasted together are one message.',
  '!COMMAND runs a command of yours, outside the sandbox.',
  'Ctrl+C interrupts; twice it quits. Ctrl+D quits. Questions are answered by a number.',
  'Commands:',
  ...PLAIN_COMMANDS.map(helpLine),
];

function helpLine({ name, description }: SlashCommand): string {
  return `/${name}: ${description}`;
}

export function runPlainCommand(app: PlainPort, name: string, args: string): void {
  const senseless = SENSELESS[name];
  if (senseless !== undefined) app.say(senseless);
  else if (Object.hasOwn(ACTIONS, name)) ACTIONS[name]?.(app, args.trim());
  else if (!runSharedCommand(app, name, args)) app.say(`/${name} needs a terminal that can be painted.`);
}

function showStatus(app: PlainPort): void {
  runSharedCommand(app, 'status', '');
  const { turn, ownCommand, tokensPerSecond } = app.state;
  const now = app.clock.now();
  const activity = turn?.activity ?? ownCommand;
  const elapsedMs = turn?.timer.elapsed(now) ?? now - (ownCommand?.since ?? now);
  const doing = activity && activityText({ activity, elapsedMs, tokensPerSecond }, now);
  app.say(`Doing: ${app.pullText() ?? doing ?? 'nothing, it is your turn'}`);
  if (app.state.queue.length > 0) showQueue(app);
}

function showQueue({ state: { queue }, show, say }: PlainPort): void {
  if (queue.length === 0) return say('No message is waiting.');
  show([
    `${plural(queue.length, 'message')} waiting:`,
    ...queue.map(
      ({ kind, text }) =>
        `${kind === 'steer' ? 'With the next request' : 'After the turn'}: ${oneLine(text)}`,
    ),
  ]);
}

function showLast(app: PlainPort, args: string): void {
  const back = args === '' ? 1 : Number(args);
  if (!Number.isInteger(back) || back < 1) return app.say('Usage: /last, or /last 2 for the one before it.');
  const items = app.transcript.items.filter(
    ({ type }) =>
      type === 'command_execution' || type === 'file_change' || type === 'tool_call' || type === 'reasoning',
  );
  const item = items.at(-back);
  if (item === undefined) app.say('There is nothing to show.');
  else app.show(wholeItemLines(item, app.context()).map(withoutMark));
}

function withoutMark(line: string, at: number): string {
  return at === 0 ? line.replace(/^• /, '') : line;
}
