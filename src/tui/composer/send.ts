/**
 * Sending: whether a finished text is a prompt, a command or a line for the shell.
 *
 * Invariants: nothing blank is sent; what is refused stays in the composer.
 */
import { typedCommand } from '../../text/typed-command.ts';
import { cleared, withText } from './buffer.ts';
import { findCommand } from './commands.ts';
import type { ComposerEffect, ComposerEnv, ComposerResult, ComposerState, Popup } from './composer-state.ts';
import { expand } from './elements.ts';
import { remember } from './prompt-history.ts';
import { INSERT } from './vi.ts';

/** Sends the text now (`submit`) or after the turn (`queue`); commands and shell lines are never queued. */
export function send(state: ComposerState, env: ComposerEnv, how: 'submit' | 'queue'): ComposerResult {
  const { text: full, images } = expand(state.buffer.text, state.buffer.elements);
  const text = full.trim();
  const effect = effectOf(text, images, env, how);
  if (effect === undefined) return { state };
  if (effect.type === 'refused_command') return { state: { ...state, popup: undefined }, effect };
  return {
    state: {
      buffer: cleared(state.buffer),
      history: remember(state.history, state.buffer),
      popup: undefined,
      dismissed: undefined,
      vi: state.vi && INSERT,
    },
    effect,
    remembered: text,
  };
}

/** The selected command in the composer, ready for arguments. */
export function complete(state: ComposerState, popup: Extract<Popup, { type: 'commands' }>): ComposerState {
  const name = popup.matches[popup.selected]?.command.name ?? '';
  const rest = state.buffer.text.replace(/^\/\S*\s?/, '');
  return { ...state, buffer: withText(state.buffer, `/${name} ${rest}`) };
}

type CommandEnv = Pick<ComposerEnv, 'isRunning' | 'commands'>;

/** What comes of a text that was sent; undefined: nothing. */
export function effectOf(
  text: string,
  images: readonly string[],
  env: CommandEnv,
  how: 'submit' | 'queue',
): ComposerEffect | undefined {
  if (text === '') return undefined;
  if (text.startsWith('!')) {
    const command = text.slice(1).trim();
    return command === '' ? undefined : { type: 'shell', command };
  }
  const parsed = typedCommand(text);
  return parsed === undefined ? { type: how, text, images } : commandEffect(parsed, images, env);
}

function commandEffect(
  { name, args }: { name: string; args: string },
  images: readonly string[],
  env: CommandEnv,
): ComposerEffect {
  const command = findCommand(env.commands, name);
  if (command === undefined) return { type: 'refused_command', name, reason: 'unknown' };
  if (command.isCustom) return { type: 'custom_command', name: command.name, args, images };
  const refused = (reason: 'while_running' | 'no_arguments'): ComposerEffect => ({
    type: 'refused_command',
    name: command.name,
    reason,
  });
  if (args !== '' && !command.takesArgs) return refused('no_arguments');
  if (env.isRunning && !command.whileRunning) return refused('while_running');
  return { type: 'command', name: command.name, args };
}

/** Why a command was refused. @param list how to see all of them. */
export function refusal(
  { name, reason }: Extract<ComposerEffect, { type: 'refused_command' }>,
  list: string,
): string {
  switch (reason) {
    case 'unknown':
      return `unknown command /${name}; ${list}`;
    case 'while_running':
      return `/${name} is not available while a turn is running`;
    case 'no_arguments':
      return `/${name} takes no arguments`;
    default:
      return reason satisfies never;
  }
}
