/**
 * What defines a name, in the languages that models write: one table for the labels of parts, for parts that replace
 * others, and for what a new text must not lose. Linear in texts of any size.
 */
const MODIFIERS =
  '(?:(?:export|default|declare|public|private|protected|internal|static|final|abstract|sealed|partial|async|unsafe|const|' +
  String.raw`inline|virtual|override|local|open|data|case|typedef|pub(?:\([\w ]+\))?|extern(?:[ \t]+"C")?)[ \t]+)*`;
const SURE_CONTAINERS = 'class|interface|struct|enum|trait|module';
/** At the start of a line these always begin a definition; the others are also English words. */
const SURE_KEYWORDS = `def|function|func|fn|${SURE_CONTAINERS}`;
const CONTAINERS = `${SURE_CONTAINERS}|impl|namespace|protocol|extension|union|object|record`;
const KEYWORDS = String.raw`def\w*|function|func|fn|fun|sub|proc|macro_rules!|${CONTAINERS}`;
const NAME = String.raw`[A-Za-z_$][\w$]*`;

/** For one line that is known to be code. */
const HEADER = new RegExp(String.raw`^\(?${MODIFIERS}(?:${KEYWORDS})\b\*?\s*[\w$"'*(<]`);
const HEADER_NAME = new RegExp(String.raw`^${MODIFIERS}((?:type|${KEYWORDS})\*?\s+[\w$.:*?!]+)`);
const CONTAINER = new RegExp(String.raw`^${MODIFIERS}(?:${CONTAINERS})\b`);
/** A function as a value, and the blocks of tests. */
const ASSIGNED =
  /^[\w$.,:<>\s]*?(?:=|<-)\s.*(?:=>|\bfunction\b)|^(?:describe|it|test|suite|context|before\w*|after\w*)\b.*[({]/;
const METHOD =
  /^(?!(?:if|for|foreach|while|switch|else|do|try|return|with|using|lock|unless|until|match|synchronized)\b)[^={}().]*[\w$\]>~*]\s*\(.*\)[^(){}=;]*\{$/;

/** True for the header, in one line, of a function, a class, a method, or a test. */
export function isDefinitionHeader(header: string): boolean {
  return HEADER.test(header) || ASSIGNED.test(header) || METHOD.test(header);
}

/** Its body consists of definitions that are chosen one by one. */
export function isContainer(header: string): boolean {
  return CONTAINER.test(header);
}

/** `class Cart` of `export class Cart extends Base {`, `total` of `int total() {`; undefined if no name is found. */
export function nameInHeader(header: string): string | undefined {
  const method = METHOD.test(header) ? /[\w$~]+(?=\s*\()/.exec(header)?.[0] : undefined;
  return HEADER_NAME.exec(header)?.[1] ?? method;
}

/** Functions, classes, variables, keys, sections and headings, in a text of any kind; one group has the name. */
function namesPattern(variableIndent: string): RegExp {
  const kinds = [
    String.raw`[ \t]*${MODIFIERS}(?:type|${SURE_KEYWORDS})\*?[ \t]+(${NAME})`,
    String.raw`${variableIndent}(?:export[ \t]+)?(?:const|let|var)[ \t]+(${NAME})`,
    String.raw`[ \t]*"([^"\n]{1,60})"[ \t]*:`,
    String.raw`(?!(?:else|try|finally|default)\b)([A-Za-z_][\w.-]*)[ \t]*[=:]`,
    String.raw`\[([^\]\n]+)\]`,
    String.raw`#{1,6}[ \t]+(.+)$`,
  ];
  return new RegExp(kinds.map((kind) => `^${kind}`).join('|'), 'gm');
}

/** A function's variables are not definitions of the file. */
const OF_FILE = namesPattern('');
const OF_PART = namesPattern(String.raw`[ \t]*`);

/** What a file defines, in order, with repetitions. */
export function namesIn(file: string): string[] {
  return [...file.matchAll(OF_FILE)].map(nameOf);
}

/** What a part of a file defines first. */
export function firstNameIn(part: string): string | undefined {
  const [first] = part.matchAll(OF_PART);
  return first === undefined ? undefined : nameOf(first);
}

function nameOf(match: RegExpMatchArray): string {
  return match.slice(1).find(Boolean)?.trim() ?? '';
}
