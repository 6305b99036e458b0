/**
 * What a user's message settles by itself: the files and commands it names, whether something is to be changed, and
 * which command decides that it is done.
 *
 * Pure. A message that says none of this leaves everything open. Words are looked for in English; for a message in
 * another language only the narrowing is lost, never an act.
 */
import { missingPaths, namedFiles, placeOf } from './mentions.ts';
import { namedCommands } from './named-commands.ts';
import { isAboutFile, type Order, ordersIn, type Rename, renameIn } from './orders.ts';
import { kindOf, sentencesOf, startsWithOrder, type TaskKind, verbsIn } from './task-kind.ts';

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
  /** The command that tests the project; undefined: none is known. */
  readonly tests: string | undefined;
  /** The message asks for the output of its command. */
  readonly mustRun: string | undefined;
  /** The message orders that something is run, whether or not it says what. */
  readonly asksToRun: boolean;
  readonly kind: TaskKind;
  /** Plan mode: whatever it asks for, the answer is a plan. */
  readonly isPlan: boolean;
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

const CHECKS =
  /\b(?:pytest|unittest|test|tests|check|lint|tsc|jest|vitest|mocha|build|verify)\b|test[\w-]*\.\w+/;
const DECIDES =
  /\b(?:fails?|failing|passes|broken|crashes|errors?)\b|\b(?:must|should|has to|shall|to)\s+(?:\w+\s+){0,2}(?:pass|succeed|work|print|exit|output|run)\b|\brun the tests\b|\bmake\b.{0,200}\bpass\b/i;
const RUNS = /(?:^|[.!?;:,\n] ?|\b(?:and|then|please|now) )(?:run|execute)\b/i;

/** That the tests pass is asked for, without a command. */
const ABOUT_TESTS =
  /\b(?:tests?|test suite)\b.{0,40}\b(?:pass|succeed|green)\b|\b(?:fail\w*|broken|fix|repair|run|pass) (?:(?:all|the|our|unit|failing|broken) ){0,3}tests?\b/i;

/**
 * @param files all files of the workspace, relative, with `/`.
 * @param known `tests`: the command that tests the project.
 */
export function readTask(
  text: string,
  files: readonly string[],
  { isPlan = false, tests }: { readonly isPlan?: boolean; readonly tests?: string | undefined } = {},
): Task {
  const commands = namedCommands(text);
  const { plain, sentences } = sentencesOf(text);
  const verbs = verbsIn(sentences);
  const has = (...some: string[]): boolean => some.some((verb) => verbs.has(verb));
  const kind = isPlan ? 'question' : kindOf(plain, verbs);
  const rest = withoutCommands(text, commands);
  const named = namedFiles(rest, files);
  const paths = missingPaths(rest, files);
  const unnamed = commands.length === 0 && kind === 'change' && ABOUT_TESTS.test(plain) ? tests : undefined;
  const check = kind === 'question' ? undefined : (checkOf(plain, commands) ?? unnamed);
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
    tests,
    mustRun:
      check === undefined && !isPlan && /\b(?:run|execute|start)\b/i.test(text) ? commands[0] : undefined,
    asksToRun: !isPlan && RUNS.test(text),
    kind,
    isPlan,
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

/** What follows gives the reason, or what to leave alone. */
const REASON = /\b(?:so|such) that\b|\b(?:until|because|without|not|never|must|should|like)\b|n['’]t\b/i;

/** Each clause that asks for a change says where; one without a verb (`and in b`) belongs to the one before it. */
function filesOfClauses(text: string, named: readonly string[]): string[] {
  const found = new Set<string>();
  let isAsking = false;
  for (const clause of text.split(/[.;](?=\s)|\n|,?\s+(?:and|then)\s+/i)) {
    const asks: boolean = startsWithOrder(clause);
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
