/**
 * Lines that models put in the place of others that they do not want to repeat: `# ... rest of the code`, `// unchanged`.
 *
 * A short phrase of a closed set, in a comment, between dots or in brackets, and nothing else on the line. A sentence that only
 * contains such words (`# existing files are skipped`) is a comment.
 */
const MOST_HOLE = 160;

/** What is left out. `the other file` is a thing that a comment may be about, and `other options` a heading. */
const MASS = 'code|content|contents|logic|implementation|markup|html|css|text|configuration|boilerplate';
const SINGULAR =
  'file|function|method|class|component|module|script|body|page|document|schema|section|table|style ?sheet|definition|test|suite|code ?block';
const PLURAL =
  'functions|methods|lines|imports|classes|components|fields|props|properties|routes|styles|rules|tests|cases|definitions|declarations|entries|items|handlers|sections|parts|elements|settings|variables|constants|types|exports|statements|options|steps|members|columns|keys|endpoints|helpers|targets|arguments|parameters';
const ANY = `(?:${MASS}|${SINGULAR}|${PLURAL})`;
const CODE = `(?:${MASS}|functions|methods|lines|imports|styles)`;
const MANY = `(?:${MASS}|${PLURAL})`;
const THE = '(?:(?:the|this|that|your|our|its|all|any|in|of) )*';
const KIND = '(?:existing|remaining|other|previous|original|unchanged|unmodified|old|current|same)';
const SAME =
  '(?:unchanged|unmodified|untouched|intact|as[- ]is|as it was|as before|(?:the )?same as (?:before|above|the original|original|in the original)|like before|omitted|truncated|elided|snipped|skipped)(?: for brevity)?';
const STAY = '(?:(?:is|are|remains?|stays?|left|kept|to be|goes) )*';
const STAYS = `${STAY}(?:${SAME}|(?:the )?same)`;
const HERE =
  '(?:(?:goes|go|is|are|remains?|stays?|continues?|comes?|follows?) )?(?:here|above|below|before|after)';
const END = `(?: ${HERE}| ${STAYS}| continues?| follows?| remains?)`;
const REST_OF = `(?:rest|remainder) of ${THE}(?:${KIND} )?(?:\\w+ )?${ANY}`;

const PHRASES: readonly string[] = [
  `(?:and )?${THE}${REST_OF}${END}?`,
  `(?:and )?${THE}(?:rest|remainder|everything else|all else|nothing else)${END}`,
  `(?:and )?${THE}${KIND} ${CODE}${END}?`,
  `(?:and )?${THE}(?:${KIND} )(?:\\w+ )?${MANY} (?:${HERE}|${STAYS})`,
  `(?:${CODE}|body) ${STAYS}`,
  `(?:keep|leave|retain|preserve|insert|paste|include|copy) ${THE}(?:${KIND} (?:\\w+ )?${MANY}|${REST_OF}|rest|everything(?: else)?)${END}?`,
  `(?:keep|leave|retain) (?:(?:this|it) )?(?:${SAME}|(?:the )?same)`,
  STAY + SAME,
  'no (?:other |further |more )?changes?(?: (?:needed|required|necessary|made))?(?: (?:here|below|above|beyond this|after this))?',
  `(?:(?:some|many|several|\\d+) )?(?:more )?${MANY} (?:omitted|truncated|elided|snipped|skipped|unchanged)(?: for brevity)?`,
  `lines? \\d+ ?(?:-|–|to|through) ?\\d+ ${STAYS}`,
  '(?:snip|etc\\.?|and so on|and so forth|abbreviated|abridged)',
];
const PHRASE = new RegExp(`^(?:${PHRASES.join('|')})[.:!]?$`, 'i');
/** Words that are a hole only between a comment's mark and dots. */
const DOTTED = new RegExp(
  `\\b(?:${KIND}|rest|remainder|omitted|truncated|snip|more|etc|keep|similarly)\\b`,
  'i',
);

const MARK =
  /^(?:\{?\/\*+ ?|\{\{\/\* ?|\/\/+ ?|#+ ?|--+ |;+ ?|%+ |<!--+ ?|\(\* ?|\{# ?|""" ?|''' ?|REM |' |\* )/i;
const MARK_END = / ?(?:\*+\/\}{0,2}|--+>|\*\)|#\}|"""|''')$/;
const RULE = /^[-=~_*]{2,} ?(.*?) ?[-=~_*]{2,}$/;
const OPENING_DOTS = /^(?:\.{2,}|…) ?/;
const CLOSING_DOTS = / ?(?:\.{3,}|…)$/;
const BRACKETS: readonly RegExp[] = [/^\((.*)\)$/, /^\[(.*)\]$/, /^<(.*)>$/];
/** A body that is nothing but a comment or dots: `function f() { ... }`, `def f(): ...  # existing code`. */
const ONLY_IN_BODY = /^[\w@].*(?:[{:]|=>|: *(?:\.\.\.|pass)) *(#.*|\/\/.*|\{?\/\*.*\*\/\}?) *\}?[;,)]*$/;
const DOTS_FOR_BODY = /^[\w@][^"'`]*\{ *(?:\.\.\.|…) *\}[;,)]*$/;

/** The first of the new lines that stands for others; not one that the old text has as well. */
export function findHole(lines: readonly string[], old: string): string | undefined {
  const known = new Set(old.split('\n').map((line) => line.trim()));
  return lines.map((line) => line.trim()).find((line) => isHole(line) && !known.has(line));
}

/** True for a line that stands for others. @param line without blanks around it. */
export function isHole(line: string): boolean {
  if (line.length > MOST_HOLE) return false;
  const plain = line.replace(/\s+/g, ' ');
  if (DOTS_FOR_BODY.test(plain)) return true;
  const inBody = ONLY_IN_BODY.exec(plain)?.[1];
  return inBody === undefined ? isHoleAlone(plain) : isHoleAlone(inBody.trim());
}

function isHoleAlone(plain: string): boolean {
  const mark = MARK.exec(plain)?.[0] ?? '';
  const comment = (mark === '' ? plain : plain.slice(mark.length).replace(MARK_END, '')).trim();
  const inner = (mark === '' ? comment : comment.replace(RULE, '$1')).replace(/^TODO:? /i, '');
  const begun = inner.replace(OPENING_DOTS, '');
  const closed = begun.replace(CLOSING_DOTS, '');
  const hasDots = closed !== inner;
  const words = unbracketed(closed);
  if (words === '') return hasDots || (mark !== '' && /\.\.|…/.test(closed));
  const isMarked = mark !== '' || words !== closed;
  // `// ... imports ...`
  if (mark !== '' && begun !== inner && (closed !== begun || (DOTTED.test(words) && words.length < 60)))
    return true;
  // Without any of these it is code: `rest = lines[1:]`, `...rest`.
  return (isMarked || (hasDots && words.includes(' ')) || closed !== begun) && PHRASE.test(words);
}

/** The text in brackets around all of it, and within them without dots. */
function unbracketed(text: string): string {
  const inner = BRACKETS.map((bracket) => bracket.exec(text)?.[1]).find((found) => found !== undefined);
  return inner === undefined ? text : inner.trim().replace(OPENING_DOTS, '').replace(CLOSING_DOTS, '');
}
