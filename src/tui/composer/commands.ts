/**
 * The slash commands: their names, what they do in a few words, and when they may be used. Names and aliases are unique
 * and lower case.
 */
import type { CustomCommand } from '../../protocol/extensions.ts';
import { oneLine } from '../lines/clean.ts';

export interface SlashCommand {
  /** Without the slash. */
  readonly name: string;
  readonly description: string;
  readonly takesArgs: boolean;
  /** Whether it may be used while a turn runs. */
  readonly whileRunning: boolean;
  readonly aliases: readonly string[];
  /** Not oagent's own. */
  readonly isCustom?: boolean;
}

type Traits = Partial<Pick<SlashCommand, 'takesArgs' | 'whileRunning' | 'aliases'>>;

const command = <Name extends string>(
  name: Name,
  description: string,
  traits: Traits = {},
): SlashCommand & { readonly name: Name } => ({
  name,
  description,
  takesArgs: false,
  whileRunning: false,
  aliases: [],
  ...traits,
});

/** In the order of the palette. */
export const SLASH_COMMANDS = [
  command('model', 'choose the model', { takesArgs: true }),
  command('permissions', 'choose what oagent may do without asking', { aliases: ['approvals'] }),
  command('status', 'show model, folder, sandbox, context used', { whileRunning: true }),
  command('diff', 'show all changes in the working tree', { whileRunning: true }),
  command('review', 'review changes: uncommitted, branch, commit', { takesArgs: true }),
  command('init', 'create an AGENTS.md for this project'),
  command('compact', 'summarise the conversation to free context'),
  command('context', 'show what fills the context window', { whileRunning: true }),
  command('new', 'start a new conversation'),
  command('clear', 'clear the screen and start a new conversation'),
  command('resume', 'resume an earlier conversation', { takesArgs: true }),
  command('rewind', 'go back to before a message: files, talk, or both', { aliases: ['undo'] }),
  command('try', 'do it on trial: keep or drop all changes afterwards', { takesArgs: true }),
  command('fork', 'fork this conversation into a new one'),
  command('rename', 'rename this conversation', { takesArgs: true, whileRunning: true }),
  command('plan', 'plan first, change nothing', { takesArgs: true }),
  command('task', 'have a sub-agent find something out', { takesArgs: true }),
  command('copy', 'copy the last answer as Markdown', { takesArgs: true, whileRunning: true }),
  command('export', 'write the conversation to a Markdown file', { takesArgs: true, whileRunning: true }),
  command('ps', 'list background commands', { whileRunning: true }),
  command('stop', 'stop background commands', { whileRunning: true, aliases: ['clean'] }),
  command('index', 'show the index; why PATH: what puts a file where it is', {
    takesArgs: true,
    whileRunning: true,
  }),
  command('remember', 'keep a note for later sessions', { takesArgs: true, whileRunning: true }),
  command('memories', 'show and forget what is remembered', { whileRunning: true }),
  command('incognito', 'make no memories of this session, use none', { whileRunning: true }),
  command('mcp', 'MCP servers: states and tools', { whileRunning: true }),
  command('theme', 'choose the colours', { takesArgs: true }),
  command('vim', 'the keys of vi in the composer, on or off', { whileRunning: true }),
  command('help', 'show keys and commands', { whileRunning: true }),
  command('quit', 'quit oagent', { whileRunning: true, aliases: ['exit'] }),
] as const;

export type CommandName = (typeof SLASH_COMMANDS)[number]['name'];

/** As the palette has one that is not oagent's own: its text is foreign. */
export function customCommand({ name, description, hint = '' }: CustomCommand): SlashCommand {
  const about = [hint, description].map((text) => oneLine(text)).filter((text) => text !== '');
  return {
    name: oneLine(name),
    description: about.join(' · '),
    takesArgs: true,
    whileRunning: true,
    aliases: [],
    isCustom: true,
  };
}

export interface CommandMatch {
  readonly command: SlashCommand;
  /** Indexes in the name that the query matched. */
  readonly positions: readonly number[];
}

export function findCommand(commands: readonly SlashCommand[], name: string): SlashCommand | undefined {
  const wanted = name.toLowerCase();
  return commands.find((known) => known.name === wanted || known.aliases.includes(wanted));
}

/** Commands for what was typed after the slash: those that begin with it, then fuzzy by name, then by description. */
export function matchCommands(commands: readonly SlashCommand[], query: string): CommandMatch[] {
  const wanted = query.toLowerCase();
  const ranked = commands.flatMap((known) => {
    const match = rankOf(known, wanted);
    return match === undefined ? [] : [{ command: known, ...match }];
  });
  return ranked
    .sort((one, other) => one.rank - other.rank)
    .map(({ command: found, positions }) => ({ command: found, positions }));
}

function rankOf(known: SlashCommand, query: string): { rank: number; positions: number[] } | undefined {
  const fuzzy = subsequence(known.name, query);
  if (known.name === query || known.aliases.includes(query)) return { rank: 0, positions: fuzzy ?? [] };
  if (known.name.startsWith(query)) return { rank: 1, positions: fuzzy ?? [] };
  if (known.aliases.some((alias) => alias.startsWith(query))) return { rank: 2, positions: [] };
  if (fuzzy !== undefined) return { rank: 3, positions: fuzzy };
  if (query.length > 1 && known.description.toLowerCase().includes(query)) return { rank: 4, positions: [] };
  return undefined;
}

/** Where the characters of the query are in a name, in order; undefined if they are not. */
function subsequence(name: string, query: string): number[] | undefined {
  const positions: number[] = [];
  let from = 0;
  for (const character of query) {
    const at = name.indexOf(character, from);
    if (at < 0) return undefined;
    positions.push(at);
    from = at + character.length;
  }
  return positions;
}
