/**
 * What of a message the user wrote, and what they pasted: only their own words can ask for something that is remembered.
 *
 * Quotes are recognised by their marks, in any language. In doubt a text counts as pasted: then a memory is missed, and no
 * stranger is obeyed.
 */
import { plainText } from '../../text/plain-text.ts';

interface Said {
  readonly own: string;
  readonly pasted: string;
}

/** Nobody types more. */
const MOST_READ = 20_000;
/** Longer messages were hardly typed as a whole. */
const MOST_TYPED = 1_200;
const MOST_LINES = 20;
/** A name in quotes has fewer words than a quoted sentence. */
const QUOTED_WORDS = 4;

/** The user tells what somebody else says. */
const REPORTED =
  /\b(?:pages?|sites?|website|readme|docs?|documentation|articles?|guides?|manual|posts?|comments?|mails?|reviewers?|bots?|someone|somebody|people|it|he|she|they|Seite|Anleitung|Doku)\b[^.!?\n]{0,60}\b(?:says?|said|tells?|told|reads|states?|recommends?|suggests?|demands?|instructs?|asks|wants|wrote|writes|sagt|schreibt|empfiehlt|verlangt|steht)\b[^\n]*|\b(?:says?|said|states?|wrote|writes|sagt|schreibt|according to|laut|issue|ticket|comment|review|mail|message|log|output|error|paste|transcript|page|article|Fehler|Meldung)\b[^:\n]{0,40}:\s[^\n]*\S[^\n]*|(?:页面|网页|文档|文章|网站)[^。\n]{0,20}(?:说|写|建议|要求)[^\n]*/giu;

/** What a program has printed, wherever in a line it begins, and what is announced within one. */
const PRINTED = [
  /(?<![^\s[(])(?:npm (?:ERR!|WARN)|WARN(?:ING)?|ERR(?:OR)?|INFO|DEBUG|TRACE|FATAL|CRITICAL)(?=[\])!:\s])[^\n]*/g,
  /(?<!\S)(?:error|warning|fatal|panic|exception|\w{1,40}(?:Error|Exception|Warning))(?:\[\w{1,20}\]| [A-Z]{1,4}\d{1,6})?:[^\n]*/gi,
  /^[ \t]*(?:\[?\d{4}-\d\d-\d\d[T ]|\[?\d\d:\d\d:\d\d|[\w./-]{1,200}:\d+:(?:\d+[: ]|(?=\S)| (?:error|warning|note|fatal)\b))[^\n]*/gm,
  /(?<=(?<!\p{L})(?:gets?|got|sees?|saw|shows?|prints?|printed|output|message|text|logs?|errors?|warnings?|translate|rephrase|summari[sz]e|explain|string|title|label|caption|Meldung|Ausgabe|Fehler|übersetze?n?|traduis|traduce)(?!\p{L})[^:\n]{0,20}:)\s[^\n]+/giu,
];

const BLOCKS = [
  /<stdin>[\s\S]*?(?:<\/stdin>|$)/g,
  /(```|~~~)[\s\S]*?(?:\1|$)/g,
  // A quoted line of a mail, what a shell or a table shows, and mark-up.
  /^[ \t]*(?:>|\||\$ |<[/!a-zA-Z]).*$/gm,
  // Under a heading there is a document.
  /\n#{1,6} [\s\S]*$/g,
];
const QUOTES =
  /(?<![\p{L}\p{N}])'([^'\n]{1,2000})'(?![\p{L}\p{N}])|‘([^’\n]{1,2000})’(?![\p{L}\p{N}])|`([^`\n]{1,2000})`|"([^"\n]{1,2000})"|“([^”]{1,2000})”|„([^“”]{1,2000})[“”]|«([^»]{1,2000})»|「([^」]{1,2000})」|『([^』]{1,2000})』/gu;
/** What a text of another's is announced with. */
const SOURCE =
  /https?:\/\/|\b(?:says?|said|reads|states?|wrote|writes?|output|prints?|printed|error|log|pages?|site|docs?|documentation|readme|article|mail|issue|comment|answer|sagt|schreibt|steht|Seite|Ausgabe|Fehler|Text)\b|说|写|页|输出|文档|错误/i;
const ANNOUNCES = /(?:[:：]|https?:\/\/\S{1,300})\s*$/;
/** The quoted text begins in the same line. */
const QUOTES_BEGIN =
  /\b(?:issue|ticket|comment|review|mail|message|log|output|error|paste|transcript|page|article|says?|wrote|sagt|schreibt|Fehler|Meldung)\b[^:\n]{0,40}:\s+\S/i;
const LIST_ITEM = /^\s*(?:[-*•]|\d+[.)])\s/;
/** Somebody who speaks to a model, or in another's name. */
const TO_A_MODEL =
  /\b(?:AIs?|LLMs?|assistants?|agents?|language models?|chatbots?|copilot)\b[^.\n]{0,40}(?:[:,]|\bmust\b|\bshould\b)|^\s*[[<(]?(?:user|system|assistant|developer|human)[\])>]?\s*[:>\]]|\b(?:ignore|disregard|forget) (?:all |any |the )*(?:previous|earlier|above)/i;
/** Two of them are about a word. */
const UNSPACED = /[\u3040-\u30ff\u3400-\u9fff]/g;

export function ownWords(message: string): Said {
  const pasted: string[] = [message.slice(MOST_READ)];
  const take = (text: string): string => {
    pasted.push(text);
    return ' ';
  };
  let rest = plainText(message.slice(0, MOST_READ));
  for (const block of BLOCKS) rest = rest.replace(block, take);
  for (const printed of PRINTED) rest = rest.replace(printed, take);
  rest = rest.replace(QUOTES, (quote) => (wordCount(quote) >= QUOTED_WORDS ? take(quote) : quote));
  const typed: string[] = [];
  for (const line of withoutAnnounced(rest.split('\n'), take)) {
    if (TO_A_MODEL.test(line)) take(line);
    else typed.push(line.replace(REPORTED, take));
  }
  const own = typedParts(typed, take);
  return { own, pasted: pasted.join('\n').trim() };
}

/** Without what follows a line that announces it. A list after a colon is the user's own, unless a source is named. */
function withoutAnnounced(lines: readonly string[], take: (text: string) => string): readonly string[] {
  const at = lines.findIndex((line, index) => {
    if (!ANNOUNCES.test(line) && !QUOTES_BEGIN.test(line)) return false;
    const next = lines.slice(index + 1).find((one) => one.trim() !== '');
    return next !== undefined && (SOURCE.test(line) || !LIST_ITEM.test(next));
  });
  if (at < 0) return lines;
  take(lines.slice(at + 1).join('\n'));
  return lines.slice(0, at + 1);
}

/** Of a long message the first and the last paragraph, if they are short. */
function typedParts(lines: readonly string[], take: (text: string) => string): string {
  const text = lines.join('\n').trim();
  const count = lines.filter((line) => line.trim() !== '').length;
  if (text.length <= MOST_TYPED && count <= MOST_LINES) return text;
  const paragraphs = text.split(/\n\s*\n/);
  const last = paragraphs.length - 1;
  const isTyped = (one: string, at: number): boolean =>
    (at === 0 || at === last) && one.length <= MOST_TYPED / 2 && one.split('\n').length <= MOST_LINES / 2;
  const [own, rest] = [paragraphs.filter(isTyped), paragraphs.filter((one, at) => !isTyped(one, at))];
  take(rest.join('\n'));
  return own.join('\n\n');
}

function wordCount(text: string): number {
  return text.split(/\s+/).length + Math.floor((text.match(UNSPACED)?.length ?? 0) / 2);
}
