/** Fills in what a command's text leaves open. */
import { argumentsIn, isPlain, namedIn } from './arguments.ts';
import { type Part, partsOf, takesArguments, type Wanted } from './template.ts';

export interface Filling {
  /** @throws Error with a line for the user. */
  readonly file: (path: string) => string;
  /** Never throws for what the command does: what it printed, or why it did not run. */
  readonly command: (command: string, args: readonly string[]) => Promise<string>;
}

/** Arguments that no place is made for follow the text. @throws what `file` throws. */
export async function expandTemplate(template: string, typed: string, filling: Filling): Promise<string> {
  const parts = partsOf(template);
  const args = argumentsIn(typed);
  const filled: string[] = [];
  const named = namedIn(args);
  for (const part of parts) filled.push(await fill(part, { typed, args, named }, filling));
  const text = filled.join('').trim();
  const rest = typed.trim();
  return rest === '' || takesArguments(parts, named) ? text : `${text}\n\n${rest}`;
}

interface Given {
  readonly typed: string;
  readonly args: readonly string[];
  readonly named: ReadonlyMap<string, string>;
}

async function fill(part: Part, given: Given, { file, command }: Filling): Promise<string> {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'named':
      return given.named.get(part.named.name) ?? part.named.text;
    case 'arguments':
      return chosen(part.wanted, given);
    case 'file':
      return file(typeof part.path === 'string' ? part.path : chosen(part.path, given));
    case 'command':
      return command(part.command, given.args);
    default:
      return part satisfies never;
  }
}

function chosen({ from, count, otherwise = [], isWhole }: Wanted, given: Given): string {
  const { typed, args } = given;
  const text = isWhole && isPlain(typed) ? typed.trim() : args.slice(from - 1, from - 1 + count).join(' ');
  return text === '' ? otherwise.map((part) => written(part, given)).join('') : text;
}

/** Part of a default, which has no others. */
function written(part: Part, given: Given): string {
  if (part.type === 'text') return part.text;
  return part.type === 'arguments' ? chosen(part.wanted, given) : '';
}
