/**
 * What a message of the user settles by itself: the files and commands it names, whether something is to be changed,
 * and which command decides that it is done.
 *
 * Invariants: pure; a message that says none of this leaves everything open. Words are looked for in English; a message
 * in another language only loses the narrowing, never an act. Does not: judge whether a command is safe.
 */

export type Order =
  | { readonly act: 'move'; readonly file: string; readonly to: string }
  | { readonly act: 'delete'; readonly file: string };

/** Relative paths as the listing has them. */
export interface Task {
  readonly text: string;
  /** Files that exist, in the order in which the message names them. */
  readonly named: readonly string[];
  /** Paths that the message names and that do not exist. */
  readonly missing: readonly string[];
  /** Commands, as written. */
  readonly commands: readonly string[];
  /** The command that must succeed at the end. */
  readonly check: string | undefined;
  /** The message asks for the output of its command. */
  readonly mustRun: string | undefined;
  /** `question`: nothing is to be changed; `change`: something is; `open`: it cannot be told. */
  readonly kind: 'question' | 'change' | 'open';
  /** What the message orders word for word: files to move and to delete. */
  readonly orders: readonly Order[];
  /** Named files that a clause with a verb of its own asks to change, in their order. */
  readonly mustChange: readonly string[];
  /** A name that takes the place of another one. */
  readonly rename: { readonly from: string; readonly to: string } | undefined;
  /** Something is wrong and is to be put right. */
  readonly isFix: boolean;
  /** Something new comes into a file. */
  readonly adds: boolean;
  readonly deletes: boolean;
  readonly moves: boolean;
  readonly creates: boolean;
}

const VERBS =
  'add|append|insert|create|write|make|build|generate|implement|fix|repair|correct|change|set|update|modify|edit|' +
  'replace|rename|move|delete|remove|drop|refactor|convert|translate|extract|split|merge|rewrite|bump|increase|' +
  'decrease|raise|lower|swap|sort|format|extend|put|turn|port|migrate|copy|clean|introduce|export|define|handle|' +
  'give|let|allow|ensure|prevent|stop|accept|use|simplify|shorten|improve|optimi[sz]e|support|apply|adapt|adjust|' +
  'reverse|switch|round|limit|enable|disable|document|comment|test|declare|register|import|keep';
/** What must be so, said without a verb that asks for it. */
const OBLIGATION = /\b(?:has|have|needs?|ought|is|are) to\b|\b(?:must|should|shall)\b/i;
const IMPERATIVE = new RegExp(
  String.raw`(?:^|[.!?;:,\n]\s*|\b(?:and|then|please|you|now|also|should|must)\s+)(${VERBS})\b`,
  'gi',
);
const STARTS = new RegExp(String.raw`^\s*(?:please\s+|also\s+|now\s+)?(?:${VERBS})\b`, 'i');
const MOVE =
  /\b(?:move|rename)\s+(?:the\s+)?(?:file\s+)?[`"']?([\w@./-]*\w)[`"']?\s+(?:to|into|as)\s+(?:the\s+)?(?:(?:new\s+)?(?:folder|directory)\s+)?[`"']?([\w@./-]*[\w/])/gi;
const DELETE =
  /\b(?:delete|remove)\s+((?:(?:the|both|files?|and)\s+|,\s*|[`"']?[\w@./-]*\.\w+[`"']?,?\s*)+)/gi;
const FILE = /[\w@./-]*\.\w+/g;
const RENAME =
  /\brename\s+(?:the\s+)?(?:[a-z]+\s+){0,3}?[`"']?([\w$-]+)(?:\(\))?[`"']?\s+(?:(?:in|of|from)\s+\S+\s+)?(?:to|into|as)\s+[`"']?([\w$-]+)/i;
const NOTHING =
  /\b(?:change|modify|edit|touch|write|alter)\s+nothing\b(?!\s+(?:else|but|other))|\b(?:do not|don't|without)\s+(?:chang|modify|edit|touch|alter|writ)\w*\s+(?:anything|any\b|the code\b|code\b|files?\b)/i;
const QUESTION =
  /\?|^\s*(?:what|which|where|why|how|who|when|is|are|does|do|did|explain|describe|tell|show|list|summari[sz]e|find|count|in which|run)\b/i;

const RUNNERS =
  'python3?|node|deno|bun|npm|npx|pnpm|yarn|pytest|go|cargo|make|bash|sh|ruby|perl|php|java|mvn|gradle|dotnet|tsc|jest|vitest|mocha|rspec|ctest|cmake';
const COMMAND = new RegExp(String.raw`^(?:\w+=\S*\s+)*(?:(?:${RUNNERS})(?:\s|$)|\.{0,2}/[\w./-]+(?:\s|$))`);
const BARE_COMMAND = new RegExp(
  String.raw`(?:^|[\s:(])((?:${RUNNERS})(?:\s+(?:-{1,2}[\w=./-]+|[\w@./-]*[\w/])){1,6})`,
  'g',
);
const CHECKS =
  /\b(?:pytest|unittest|test|tests|check|lint|tsc|jest|vitest|mocha|build|verify)\b|test[\w-]*\.\w+/;
const DECIDES =
  /\b(?:fails?|failing|passes|broken|crashes|errors?)\b|\b(?:must|should|has to|shall|to)\s+(?:\w+\s+){0,2}(?:pass|succeed|work|print|exit|output|run)\b|\brun the tests\b|\bmake\b.*\bpass\b/i;
const FOLDER = /\b(?:folder|directory|subfolder|dir)\b|[\w-]\/(?=[\s.,]|$)/i;
const PATHLIKE =
  /(?<![\w/.@-])(?:\.{0,2}\/)?[\w@-][\w@.-]*(?:\/[\w@.-]+)*\.[A-Za-z]\w{0,8}\b|(?<![\w/.])[\w-]+\/[\w./-]+\w/g;

/** @param files all files of the workspace, relative, with `/`. */
export function readTask(text: string, files: readonly string[]): Task {
  const commands = namedCommands(text);
  const verbs = new Set([...text.matchAll(IMPERATIVE)].map(([, verb = '']) => verb.toLowerCase()));
  const has = (...some: string[]): boolean => some.some((verb) => verbs.has(verb));
  const asksForChange = verbs.size > 0 || (OBLIGATION.test(text) && !text.includes('?'));
  const isQuestion = NOTHING.test(text) || (!asksForChange && QUESTION.test(text));
  const kind = isQuestion ? 'question' : asksForChange ? 'change' : 'open';
  const named = namedFiles(withoutCommands(text, commands), files);
  const missing = missingPaths(withoutCommands(text, commands), files);
  const check = kind === 'question' ? undefined : checkOf(text, commands);
  const orders = kind === 'change' ? ordersIn(text, named) : [];
  const isOrdered = (file: string): boolean => orders.some((order) => order.file === file);
  const isOpen = kind === 'open';
  return {
    text,
    named,
    missing,
    commands,
    check,
    mustRun: check === undefined && /\b(?:run|execute|start)\b/i.test(text) ? commands[0] : undefined,
    kind,
    orders,
    mustChange: kind === 'change' ? filesOfClauses(text, named).filter((file) => !isOrdered(file)) : [],
    rename: renameIn(text, files),
    isFix: has('fix', 'repair', 'correct') || /\b(?:bugs?|fails?|failing|broken|wrong)\b/i.test(text),
    adds:
      isOpen ||
      has(
        'add',
        'append',
        'insert',
        'create',
        'write',
        'implement',
        'introduce',
        'define',
        'declare',
        'export',
      ),
    deletes: isOpen || has('delete', 'remove', 'drop', 'clean', 'merge', 'replace'),
    moves: isOpen || (has('move', 'rename', 'put') && (missing.length > 0 || FOLDER.test(text))),
    creates: kind !== 'question',
  };
}

/** Commands in backticks, else such as begin with a program that runs or builds things. */
function namedCommands(text: string): string[] {
  const quoted = [...text.matchAll(/`([^`\n]+)`/g)]
    .map(([, code = '']) => code.trim().replace(/^\$\s+/, ''))
    .filter((code) => COMMAND.test(code));
  const bare = [...text.replace(/`[^`\n]*`/g, '').matchAll(BARE_COMMAND)].map(([, code = '']) =>
    code.trim().replace(/[.]$/, ''),
  );
  const real = bare.filter((code) => /[./-]|\btest\b|\bbuild\b/.test(code));
  return [...new Set(quoted.length > 0 ? quoted : real)];
}

/** Each clause that asks for a change says where; one without a verb (`and in b`) belongs to the one before it. */
function filesOfClauses(text: string, named: readonly string[]): string[] {
  const found = new Set<string>();
  let isAsking = false;
  for (const clause of text.split(/[.;](?=\s)|\n|,?\s+(?:and|then)\s+/i)) {
    const asks: boolean = STARTS.test(clause);
    const isMore = /^\s*(?:also\s+)?(?:(?:in|to|of|for|from|the)\b|[`"']?[\w@./-]+\.\w+)/i.test(clause);
    const continues: boolean = isAsking && isMore;
    isAsking = asks || continues;
    if (isAsking) for (const file of named) if (placeOf(clause, file) >= 0) found.add(file);
  }
  return named.filter((file) => found.has(file));
}

/** `Move A to B` and `Delete A`, where A is a file. */
function ordersIn(text: string, named: readonly string[]): Order[] {
  const fileOf = (name: string): string | undefined =>
    named.find((file) => file === name || file.endsWith(`/${name}`));
  const moves = [...text.matchAll(MOVE)].flatMap(([, from = '', target = '']): Order[] => {
    const file = fileOf(from);
    if (file === undefined) return [];
    const base = file.slice(file.lastIndexOf('/') + 1);
    const isFolder = target.endsWith('/') || !/\.\w+$/.test(target);
    const to = isFolder ? `${target.replace(/\/$/, '')}/${base}` : target;
    return [{ act: 'move', file, to: to.replace(/^\.\//, '') }];
  });
  const deletes = [...text.matchAll(DELETE)].flatMap(({ 0: all, 1: list = '', index }): Order[] => {
    // A name that is taken out of something is not a file that goes away.
    if (/^\s*(?:from|in|out|of)\b/i.test(text.slice(index + all.length))) return [];
    return [...list.matchAll(FILE)].flatMap(([name]) => {
      const file = fileOf(name);
      return file === undefined ? [] : [{ act: 'delete' as const, file }];
    });
  });
  return [...moves, ...deletes];
}

/** `Rename A to B`, where A is no file. */
function renameIn(text: string, files: readonly string[]): Task['rename'] {
  const [, from = '', to = ''] = RENAME.exec(text) ?? [];
  const isName = (name: string): boolean => /^-{0,2}[A-Za-z_$][\w$-]*$/.test(name);
  if (!isName(from) || !isName(to) || from === to) return undefined;
  return files.some((file) => file === from || file.endsWith(`/${from}`)) ? undefined : { from, to };
}

function withoutCommands(text: string, commands: readonly string[]): string {
  return commands.reduce((rest, command) => rest.replaceAll(command, ' '), text);
}

function checkOf(text: string, commands: readonly string[]): string | undefined {
  return commands.find((command) => CHECKS.test(command)) ?? (DECIDES.test(text) ? commands[0] : undefined);
}

/** A file is named by its path, or by its last part where that is the only one of its name. */
function namedFiles(text: string, files: readonly string[]): string[] {
  const places = files.flatMap((file) => {
    const at = placeOf(text, file);
    if (at >= 0) return [{ file, at }];
    const base = file.slice(file.lastIndexOf('/') + 1);
    const isOnly = files.every((other) => other === file || (!other.endsWith(`/${base}`) && other !== base));
    const baseAt = isOnly && base !== file ? placeOf(text, base) : -1;
    return baseAt >= 0 ? [{ file, at: baseAt }] : [];
  });
  return places.toSorted((a, b) => a.at - b.at).map(({ file }) => file);
}

/** Where `name` stands as a word of its own, or -1. */
function placeOf(text: string, name: string): number {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text.slice(at + name.length, at + name.length + 2);
    if (!/[\w/.-]/.test(before) && !/^(?:[\w/-]|\.\w)/.test(after)) return at;
  }
  return -1;
}

function missingPaths(text: string, files: readonly string[]): string[] {
  const known = new Set(files.flatMap((file) => [file, file.slice(file.lastIndexOf('/') + 1)]));
  const found = [...text.matchAll(PATHLIKE)].map(([path]) => path.replace(/^\.\//, ''));
  return [...new Set(found)].filter(
    (path) => !known.has(path) && !/^(?:e\.g|i\.e)$/i.test(path) && !/^\d/.test(path),
  );
}
