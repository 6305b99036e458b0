/**
 * What a user's message settles by itself: the files and commands it names, whether something is to be changed, and
 * which command decides that it is done.
 *
 * Pure. A message that says none of this leaves everything open. Words are looked for in English; for a message in
 * another language only the narrowing is lost, never an act.
 */
import { missingPaths, namedCommands, namedFiles, placeOf } from './mentions.ts';
import { isAboutFile, type Order, ordersIn, type Rename, renameIn } from './orders.ts';

/** Paths are relative, as in the listing. */
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
  /** A name that replaces another one. */
  readonly rename: Rename | undefined;
  /** Something is wrong and is to be fixed. */
  readonly isFix: boolean;
  /** Something new is added to a file. */
  readonly adds: boolean;
  readonly deletes: boolean;
  readonly moves: boolean;
}

const VERBS =
  'add|append|insert|create|write|make|build|generate|implement|fix|repair|correct|change|set|update|modify|edit|' +
  'replace|rename|move|delete|remove|drop|refactor|convert|translate|extract|split|merge|rewrite|bump|increase|' +
  'decrease|raise|lower|swap|sort|format|extend|put|turn|port|migrate|copy|clean|introduce|export|define|handle|' +
  'give|let|allow|ensure|prevent|stop|accept|use|simplify|shorten|improve|optimi[sz]e|support|apply|adapt|adjust|' +
  'reverse|switch|round|limit|enable|disable|document|comment|test|declare|register|import|keep';
/** States what must be true, without a verb that asks for it. */
const OBLIGATION = /\b(?:has|have|needs?|ought|is|are) to\b|\b(?:must|should|shall)\b/i;
const IMPERATIVE = new RegExp(
  String.raw`(?:^|[.!?;:,\n]\s*|\b(?:and|then|please|you|now|also|should|must)\s+)(${VERBS})\b`,
  'gi',
);
const STARTS = new RegExp(String.raw`^\s*(?:please\s+|also\s+|now\s+)?(?:${VERBS})\b`, 'i');
/** Forbids every change: `change nothing else` and `do not edit files in lib` do not. */
const NOTHING =
  /\b(?:change|modify|edit|touch|write|alter)\s+nothing\b(?!\s+(?:else|but|other|except|besides))|\b(?:do not|don['’]t|without|never)\s+(?:chang|modify|edit|touch|alter|writ)\w*\s+(?:anything|any\s+(?:code|files?|source)|(?:the\s+)?(?:code|files?))\b(?!\s+(?:else|but|other|except|outside|besides|than|in|of|at|from|under|with)\b)/i;
const QUESTION =
  /^\s*(?:what|which|where|why|how|who|when|is|are|does|do|did|explain|describe|tell|show|list|summari[sz]e|find|count|compare|in which|run)\b/i;
/** A question mark counts only in a language whose verbs are known. */
const ENGLISH =
  /\b(?:what|which|where|why|how|whose|when|does|did|are|the|this|there|it|explain|should|would|could)\b/i;
const POLITE = /(?:^|[,;:] )\s*(?:please|(?:can|could|would|will) (?:you|we))\b/i;

const CHECKS =
  /\b(?:pytest|unittest|test|tests|check|lint|tsc|jest|vitest|mocha|build|verify)\b|test[\w-]*\.\w+/;
const DECIDES =
  /\b(?:fails?|failing|passes|broken|crashes|errors?)\b|\b(?:must|should|has to|shall|to)\s+(?:\w+\s+){0,2}(?:pass|succeed|work|print|exit|output|run)\b|\brun the tests\b|\bmake\b.{0,200}\bpass\b/i;

/** @param files all files of the workspace, relative, with `/`. */
export function readTask(text: string, files: readonly string[]): Task {
  const commands = namedCommands(text);
  // Every expression below can then skip one blank instead of a thousand.
  const plain = text.replace(/[^\S\n]+/g, ' ').replace(/ ?\n[ \n]*/g, '\n');
  const sentences = plain.split(/(?<=[.!?])\s|\n/);
  const verbs = verbsIn(sentences);
  const has = (...some: string[]): boolean => some.some((verb) => verbs.has(verb));
  const kind = kindOf(plain, verbs);
  const rest = withoutCommands(text, commands);
  const named = namedFiles(rest, files);
  const paths = missingPaths(rest, files);
  const check = kind === 'question' ? undefined : checkOf(plain, commands);
  const orders = kind === 'change' ? ordersIn(sentences, named) : [];
  const targets = orders.flatMap((order) => (order.act === 'move' ? [order.to] : []));
  // A bare new name is not a missing path if an order puts it into the old folder.
  const missing = paths.filter((path) => !targets.some((to) => to !== path && to.endsWith(`/${path}`)));
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
    mustChange: kind === 'change' ? filesOfClauses(plain, named).filter((file) => !isOrdered(file)) : [],
    rename: kind === 'change' ? renameIn(sentences, files) : undefined,
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
    deletes:
      isOpen ||
      (has('delete', 'remove', 'drop', 'clean', 'merge', 'replace') &&
        isAboutFile(sentences, 'delete|remove|drop|clean|merge|replace', named)),
    moves: isOpen || (has('move', 'rename', 'put') && isAboutFile(sentences, 'move|rename|put', named)),
  };
}

/** In a question, only verbs that ask for something count. */
function verbsIn(sentences: readonly string[]): ReadonlySet<string> {
  const asking = sentences.filter(
    (sentence) => !sentence.trimEnd().endsWith('?') || STARTS.test(sentence) || POLITE.test(sentence),
  );
  return new Set(
    asking.flatMap((one) => [...one.matchAll(IMPERATIVE)].map(([, verb = '']) => verb.toLowerCase())),
  );
}

function kindOf(text: string, verbs: ReadonlySet<string>): Task['kind'] {
  if (NOTHING.test(text)) return 'question';
  const isAsked = /[?？]/.test(text);
  if (verbs.size > 0 || (OBLIGATION.test(text) && !isAsked)) return 'change';
  return QUESTION.test(text) || (isAsked && ENGLISH.test(text)) ? 'question' : 'open';
}

/** What follows gives the reason, or what to leave alone. */
const REASON = /\b(?:so|such) that\b|\b(?:until|because|without|not|never|must|should|like)\b|n['’]t\b/i;

/** Each clause that asks for a change says where; one without a verb (`and in b`) belongs to the one before it. */
function filesOfClauses(text: string, named: readonly string[]): string[] {
  const found = new Set<string>();
  let isAsking = false;
  for (const clause of text.split(/[.;](?=\s)|\n|,?\s+(?:and|then)\s+/i)) {
    const asks: boolean = STARTS.test(clause);
    const isMore = /^\s*(?:also\s+)?(?:(?:in|to|of|for|from|the)\b|[`"']?[\w@./-]+\.\w+)/i.test(clause);
    const continues: boolean = isAsking && isMore;
    isAsking = asks || continues;
    const wanted = clause.split(REASON, 1)[0] ?? '';
    if (isAsking) for (const file of named) if (placeOf(wanted, file) >= 0) found.add(file);
  }
  return named.filter((file) => found.has(file));
}

function withoutCommands(text: string, commands: readonly string[]): string {
  return commands.reduce((rest, command) => rest.replaceAll(command, ' '), text);
}

function checkOf(text: string, commands: readonly string[]): string | undefined {
  return commands.find((command) => CHECKS.test(command)) ?? (DECIDES.test(text) ? commands[0] : undefined);
}
