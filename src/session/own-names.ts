/** The names of oagent's own commands: nothing that is added can have one of them. */
import { SLASH_COMMANDS } from '../tui/composer/commands.ts';
import { OWN_COMMANDS } from '../tui/plain/own-commands.ts';

export const OWN_NAMES: ReadonlySet<string> = new Set(
  [...SLASH_COMMANDS, ...OWN_COMMANDS].flatMap(({ name, aliases }) => [name, ...aliases]),
);
