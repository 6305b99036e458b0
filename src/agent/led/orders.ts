/**
 * What a message orders literally, so that the harness does it without asking the model: files to move or delete, a
 * name to replace.
 *
 * Pure and linear. Only a clause that is nothing but the order counts, not one that is negated, conditional or about a
 * part of a file: a missed order costs a question, one that was not meant costs a file.
 */
import { baseOf, placeOf } from './mentions.ts';

export type Order =
  | { readonly act: 'move'; readonly file: string; readonly to: string }
  | { readonly act: 'delete'; readonly file: string };

export interface Rename {
  readonly from: string;
  readonly to: string;
}

const NAME = String.raw`[\x60"']?([\w\p{Script=Latin}@./-]*[\w\p{Script=Latin}])[\x60"']?`;
const TARGET = String.raw`[\x60"']?([\w\p{Script=Latin}@./-]*[\w\p{Script=Latin}/])[\x60"']?`;
const ASKED = String.raw`^\s*(?:(?:please|also|now|then|just|first|finally|next|so|and|(?:can|could|would|will) you|(?:you|we) (?:must|should|(?:need|have) to)|let's)\s+)*`;
const ENDING = String.raw`(?:\s+(?:please|too|as well|completely|entirely|from (?:the|this) (?:repo|repository|project|folder|disk)))?\s*$`;
const MOVE = new RegExp(
  String.raw`${ASKED}(move|rename)\s+(?:the\s+)?(?:file\s+)?${NAME}\s+(?:to|into|as)\s+(?:the\s+)?(?:(?:new\s+)?(?:folder|directory)\s+)?${TARGET}(?:\s+(?:folder|directory))?${ENDING}`,
  'iu',
);
const DELETE = new RegExp(
  String.raw`${ASKED}(?:delete|remove)\s+(?:both\s+)?(?:the\s+)?(?:files?\s+)?${NAME}${ENDING}`,
  'iu',
);
/** A further item of a list. */
const MORE = new RegExp(String.raw`^\s*(?:the\s+)?(?:file\s+)?${NAME}${ENDING}`, 'iu');
const CONDITION = /\b(?:if|unless|when|once|in case)\b/i;

/** `Move A to B` and `Delete A, B and C`, where A is a file. */
export function ordersIn(sentences: readonly string[], named: readonly string[]): Order[] {
  const fileOf = (name = ''): string | undefined =>
    named.find((file) => file === name || file.endsWith(`/${name}`));
  const orders: Order[] = [];
  for (const sentence of sentences) {
    if (!/\b(?:move|rename|delete|remove)\b/i.test(sentence) || CONDITION.test(sentence)) continue;
    let isDeleting = false;
    for (const clause of clausesOf(sentence)) {
      const [, verb, from, target] = MOVE.exec(clause) ?? [];
      const moved = fileOf(from);
      if (moved !== undefined)
        orders.push({ act: 'move', file: moved, to: placeFor(moved, target ?? '', verb) });
      const [, name] = DELETE.exec(clause) ?? (isDeleting ? (MORE.exec(clause) ?? []) : []);
      const deleted = fileOf(name);
      isDeleting = deleted !== undefined;
      if (deleted !== undefined) orders.push({ act: 'delete', file: deleted });
    }
  }
  return orders.filter(({ file }, at) => orders.findIndex((other) => other.file === file) === at);
}

/** A renamed file stays in its folder; a file that moves to a folder keeps its name. */
function placeFor(file: string, target: string, verb = ''): string {
  const folder = file.slice(0, -baseOf(file).length);
  const path = target.replace(/^\.\//, '');
  if (verb.toLowerCase() === 'rename' && !path.includes('/')) return folder + path;
  const isFolder = path.endsWith('/') || !/\.\w+$/.test(path);
  return isFolder ? `${path.replace(/\/$/, '')}/${baseOf(file)}` : path;
}

const KIND =
  'functions?|methods?|class(?:es)?|variables?|constants?|parameters?|arguments?|fields?|propert(?:y|ies)|keys?|names?|types?|interfaces?|files?|folders?|modules?|options?|flags?|columns?|tables?|tests?';
const RENAME =
  /^(?:the\s+)?(?:[a-z]+\s+){0,3}?[`"']?([\w$-]+)(?:\(\))?[`"']?\s+(?:(?:in|of|from)\s+\S+\s+)?(?:to|into|as)\s+[`"']?([\w$-]+)/i;
const RENAMES = new RegExp(String.raw`${ASKED}rename\s+`, 'i');
/** Words used instead of a name. */
const NO_NAME = new RegExp(
  `^(?:it|its|this|that|these|those|them|they|everything|all|both|one|the|an?|some|something|somewhere|any|more|better|new|old|be|match|snake|camel|lower|upper|pascal|(?:snake|camel|pascal)_?case|lowercase|uppercase|english|${KIND})$`,
  'i',
);

/** `Rename A to B`, where A is not a file. */
export function renameIn(sentences: readonly string[], files: readonly string[]): Rename | undefined {
  const isName = (name: string): boolean => /^-{0,2}[A-Za-z_$][\w$-]*$/.test(name) && !NO_NAME.test(name);
  const speaking = sentences.filter((sentence) => /\brename\b/i.test(sentence));
  for (const clause of speaking.flatMap(clausesOf)) {
    const asked = RENAMES.exec(clause)?.[0];
    if (asked === undefined) continue;
    const [, from = '', to = ''] = RENAME.exec(clause.slice(asked.length)) ?? [];
    if (!isName(from) || !isName(to) || from === to) continue;
    if (!files.some((file) => file === from || file.endsWith(`/${from}`))) return { from, to };
  }
  return undefined;
}

function clausesOf(sentence: string): string[] {
  return sentence
    .split(/[,;:](?=\s)|\s(?:and|then)\s/i)
    .map((clause) => withoutMarks(clause.replace(/^\s*(?:and|then)\s/i, '')));
}

/** By hand: a regular expression for the marks at the end is quadratic in marks elsewhere. */
function withoutMarks(clause: string): string {
  let end = clause.length;
  while (end > 0 && ' .;:,!?'.includes(clause[end - 1] ?? '')) end -= 1;
  return clause.slice(0, end);
}

/** Whether one of these verbs refers to a file, not to something in one. */
export function isAboutFile(sentences: readonly string[], verbs: string, named: readonly string[]): boolean {
  const verb = new RegExp(String.raw`\b(?:${verbs})(?:\s+up)?\s+`, 'gi');
  return sentences.some((sentence) =>
    [...sentence.matchAll(verb)].some((match) => {
      const object = sentence.slice(match.index + match[0].length).slice(0, MOST_OBJECT);
      if (/^(?:[\w-]+\s+){0,3}?(?:files?|folders?|director(?:y|ies))\b/i.test(object)) return true;
      const start = object.replace(/^(?:(?:the|all|both|old|new)\s+)*[`"']?/i, '');
      return named.some((file) =>
        [file, baseOf(file)].some(
          (name) =>
            start.startsWith(name) && placeOf(start, name) === 0 && AFTER_FILE.test(start.slice(name.length)),
        ),
      );
    }),
  );
}

const MOST_OBJECT = 200;
const AFTER_FILE =
  /^[`"']?\s*(?:$|[.,;:!?]|(?:and|or|to|into|as|under|by|with|please|completely|entirely|if|when|too)\b|from (?:the|this) (?:repo|repository|project|folder|disk)\b)/i;
