/** The commands that plain mode has besides those of the view. */
import type { SlashCommand } from '../composer/commands.ts';

const own = (name: string, description: string, takesArgs: boolean): SlashCommand => ({
  name,
  description,
  takesArgs,
  whileRunning: true,
  aliases: [],
});

/** In the place of keys. */
export const OWN_COMMANDS: readonly SlashCommand[] = [
  own('last', 'show the last output, edit or thinking whole; /last 2: the one before it', true),
  own('queue', 'send a message when the turn has ended; without one: what waits', true),
  { ...own('back', 'go back to an earlier message of yours', false), whileRunning: false },
  own('unqueue', 'take back the message that waits last', false),
];
