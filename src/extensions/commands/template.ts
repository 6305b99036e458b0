/**
 * The text of a command, divided into what stays and what is filled in.
 *
 * Invariant: it is read once, before anything is filled in. What an argument, a file or a program brings is only ever text, whatever
 * it looks like.
 */

/** Which arguments: the one of that number, or all from it on, perhaps only so many; and what stands for none. */
export interface Wanted {
  readonly from: number;
  readonly count: number;
  readonly otherwise?: readonly Part[] | undefined;
  /** All of them, as they were typed if nothing is quoted. */
  readonly isWhole?: boolean;
}

/** Codex's `$NAME`, given as `NAME=value`; otherwise it is the text that it was. */
interface Named {
  readonly name: string;
  readonly text: string;
}

export type Part =
  | { readonly type: 'named'; readonly named: Named }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'arguments'; readonly wanted: Wanted }
  | { readonly type: 'file'; readonly path: string | Wanted }
  | { readonly type: 'command'; readonly command: string };

const ALL = { from: 1, count: Number.POSITIVE_INFINITY };

type Form = readonly [pattern: RegExp, read: (found: readonly (string | undefined)[]) => Part];

/** In the order in which they are tried at one place. */
const ARGUMENTS: readonly Form[] = [
  [/\$\$/y, () => ({ type: 'text', text: '$' })],
  [/\$([1-9])(?!\d)/y, ([, number]) => ofArguments({ from: Number(number), count: 1 })],
  [
    /\$\{([1-9])(?::-((?:[^{}]|\{(?:[^{}]|\{[^{}]{0,999}\}){0,999}\}){0,999}))?\}/y,
    ([, number, otherwise]) =>
      ofArguments({ from: Number(number), count: 1, otherwise: defaultOf(otherwise) }),
  ],
  [/\$(?:ARGUMENTS(?!\w)|@)/y, () => ofArguments({ ...ALL, isWhole: true })],
  [
    /\$\{(?:ARGUMENTS|@)(?::-((?:[^{}]|\{(?:[^{}]|\{[^{}]{0,999}\}){0,999}\}){0,999}))?\}/y,
    ([, otherwise]) => ofArguments({ ...ALL, isWhole: true, otherwise: defaultOf(otherwise) }),
  ],
  [
    /\$\{@:([1-9]\d?)(?::(\d{1,2}))?\}/y,
    ([, from, count]) =>
      ofArguments({ from: Number(from), count: count === undefined ? ALL.count : Number(count) }),
  ],
  [/\$([A-Z][A-Z0-9_]*)(?![\w(])/y, ([text = '', name = '']) => ({ type: 'named', named: { name, text } })],
];

const FORMS: readonly Form[] = [
  ...ARGUMENTS,
  [/(?<![\p{L}\p{N}_`!])!`([^`\n]+)`/uy, ([, command = '']) => ({ type: 'command', command })],
];

/** Not where it is code: there `@` means other things. A name with a colon is that of an MCP server. */
const FILES: typeof FORMS = [
  [
    /(?<![\p{L}\p{N}_@/.])@\$([1-9])(?!\d)/uy,
    ([, number]) => ({ type: 'file', path: { from: Number(number), count: 1 } }),
  ],
  [/(?<![\p{L}\p{N}_@/.])@"([^"\n]+)"/uy, ([, path = '']) => ({ type: 'file', path })],
  [
    /(?<![\p{L}\p{N}_@/.])@(?![\w-]+:)([^\s"'`@$<>|;,()[\]{}]*[\p{L}\p{N}_/])/uy,
    ([, path = '']) => ({ type: 'file', path }),
  ],
];

export function partsOf(template: string): readonly Part[] {
  const codes = codeIn(template);
  let next = 0;
  return divided(template, [...FORMS, ...FILES], (at) => {
    while ((codes[next]?.end ?? template.length) <= at) next += 1;
    const code = codes[next];
    return code !== undefined && code.start <= at ? code : undefined;
  });
}

/** @param codeAt the code that a place is in; places are asked in rising order. */
function divided(
  template: string,
  forms: typeof FORMS,
  codeAt: (at: number) => Code | undefined,
): readonly Part[] {
  const parts: Part[] = [];
  let text = '';
  const close = (): void => {
    if (text !== '') parts.push({ type: 'text', text });
    text = '';
  };
  for (let at = 0; at < template.length; ) {
    const found = matchAt(template, at, forms, codeAt(at));
    if (found === undefined) {
      text += template.charAt(at);
      at += 1;
      continue;
    }
    at += found.length;
    if (found.part.type === 'text') text += found.part.text;
    else {
      close();
      parts.push(found.part);
    }
  }
  close();
  return parts;
}

/** Whether there is a place for these arguments; a command's own shell may use them too. */
export function takesArguments(parts: readonly Part[], given: ReadonlyMap<string, string>): boolean {
  return parts.some(
    (part) =>
      part.type === 'arguments' ||
      (part.type === 'named' && given.has(part.named.name)) ||
      (part.type === 'file' && typeof part.path !== 'string') ||
      (part.type === 'command' && part.command.includes('$')),
  );
}

/** With arguments of its own, as in a shell; files and programs are text there. */
function defaultOf(text: string | undefined): readonly Part[] | undefined {
  return text === undefined ? undefined : divided(text, ARGUMENTS, () => undefined);
}

function ofArguments(wanted: Wanted): Part {
  return { type: 'arguments', wanted };
}

function matchAt(template: string, at: number, forms: typeof FORMS, code: Code | undefined) {
  if (!'$!@'.includes(template.charAt(at))) return undefined;
  for (const form of forms) {
    if (code !== undefined && FILES.includes(form)) continue;
    const [pattern, read] = form;
    pattern.lastIndex = at;
    const found = pattern.exec(template);
    if (found === null) continue;
    const part = read(found);
    if (code?.isBlock && part.type === 'command') continue;
    return { part, length: found[0].length };
  }
  return undefined;
}

interface Code {
  readonly start: number;
  readonly end: number;
  readonly isBlock: boolean;
}

/** Blocks and spans of code; `!` before a span makes a command of it. */
function codeIn(template: string): readonly Code[] {
  return [
    ...template.matchAll(/^ {0,3}(```+|~~~+)[^\n]*\n[\s\S]*?(?:^ {0,3}\1|$(?![\s\S]))|(?<![!`])`[^`\n]+`/gm),
  ].map((found) => ({
    start: found.index,
    end: found.index + found[0].length,
    isBlock: found[1] !== undefined,
  }));
}
