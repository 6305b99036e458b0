/** The slash commands that a client offers: those of oagent that make sense there, and the user's own. */
import type { AvailableCommand } from '@agentclientprotocol/sdk';
import type { CustomCommand } from '../protocol/extensions.ts';
import type { Op } from '../protocol.ts';
import { reviewTurn, typedReview } from '../text/review-words.ts';
import { typedCommand } from '../text/typed-command.ts';
import { type CommandName, customCommand, SLASH_COMMANDS } from '../tui/composer/commands.ts';
import { oneLine } from '../tui/lines/clean.ts';
import type { PromptMessage } from './prompt-blocks.ts';

/** What stands behind a command of oagent's own. */
export interface CommandTexts {
  readonly init: string;
}

export interface CommandServices {
  readonly texts: CommandTexts;
  /** @throws Error with a message for the user. */
  readonly index: (args: string) => Promise<readonly string[]>;
  /** @throws Error */
  readonly remember: (text: string) => Promise<string>;
  readonly status: () => readonly string[];
}

/** `turn`: one begins, unless it is refused; `done`: nothing follows it; `say`: lines are all there is. */
export type Prompted =
  | { readonly type: 'turn'; readonly op: Op; readonly mode?: 'plan' }
  | { readonly type: 'done'; readonly op: Op; readonly said: string }
  | { readonly type: 'say'; readonly lines: readonly string[] };

type Action = (args: string, services: CommandServices) => Prompted | Promise<Prompted>;

const HINTS: { readonly [name: string]: string } = {
  review: 'uncommitted, base BRANCH, commit ID, or what to look for',
  task: 'what to find out',
  plan: 'what to plan',
  model: 'a model, as `ollama list` names it',
  index: 'or: why PATH QUESTION',
  remember: 'the note',
  rename: 'the name',
};

const say = (...lines: string[]): Prompted => ({ type: 'say', lines });

/** Asks for what is missing. */
const needs =
  (usage: string, act: Action): Action =>
  (args, services) =>
    args === '' ? say(`Usage: ${usage}`) : act(args, services);

const ACTIONS: { readonly [name in CommandName]?: Action } = {
  init: (_, { texts }) => ({ type: 'turn', op: { type: 'user_turn', text: texts.init, shownAs: '/init' } }),
  review: (args) => ({ type: 'turn', op: reviewTurn(typedReview(args)) }),
  compact: () => ({ type: 'turn', op: { type: 'compact' } }),
  task: needs('/task WHAT TO FIND OUT', (args) => ({
    type: 'turn',
    op: { type: 'user_turn', text: args, shownAs: `/task ${args}`, isTask: true },
  })),
  plan: needs('/plan WHAT TO PLAN', (args) => ({
    type: 'turn',
    op: { type: 'user_turn', text: args },
    mode: 'plan',
  })),
  model: needs('/model NAME, as `ollama list` names it', (model) => ({
    type: 'done',
    op: { type: 'set_model', model },
    said: `Changing the model to ${model}.`,
  })),
  status: (_, { status }) => say(...status()),
  index: async (args, { index }) => say(...(await index(args))),
  remember: needs('/remember TEXT', async (args, { remember }) => say(await remember(args))),
  rename: (name) => ({
    type: 'done',
    op: { type: 'rename_session', name },
    said: name === '' ? 'The name is removed.' : `This conversation is now called ${name}.`,
  }),
  incognito: () => ({
    type: 'done',
    op: { type: 'go_incognito' },
    said: 'From now on no memories are made of this session, and none are used.',
  }),
  stop: () => ({
    type: 'done',
    op: { type: 'stop_background' },
    said: 'The background commands are being ended.',
  }),
};

/** What a client lists. */
export function availableCommands(custom: readonly CustomCommand[]): AvailableCommand[] {
  const own = SLASH_COMMANDS.filter(({ name }) => ACTIONS[name] !== undefined).map(
    ({ name, description }) => {
      const hint = HINTS[name];
      return { name, description, input: hint === undefined ? null : { hint } };
    },
  );
  const others = custom.map((command) => {
    const { name } = customCommand(command);
    const hint = oneLine(command.hint ?? '');
    return { name, description: oneLine(command.description), input: { hint: hint || 'arguments' } };
  });
  return [...own, ...others];
}

/** What a prompt asks for. @throws Error of a service, with a message for the user. */
export async function prompted(
  message: PromptMessage,
  custom: readonly CustomCommand[],
  services: CommandServices,
): Promise<Prompted> {
  const command = typedCommand(message.text);
  const own = SLASH_COMMANDS.find(({ name }) => name === command?.name);
  const act = own && ACTIONS[own.name];
  if (command !== undefined && act !== undefined) return act(command.args.trim(), services);
  const users = custom.find(({ name }) => name === command?.name);
  if (command === undefined || users === undefined)
    return { type: 'turn', op: { type: 'user_turn', ...message } };
  const { name, args } = command;
  return { type: 'turn', op: { type: 'custom_command', name, args, images: message.images } };
}
