/** What a sentence says, for comparing it with others: its words, what it names to the letter, and whether it tells somebody what to do. */
import { plainText } from '../../text/plain-text.ts';

/** Nobody is taught anything by these, and they prove nothing. */
const EMPTY = new Set(
  (
    'the and for with that this these those from into onto over under about after before again also any all both but can could did does ' +
    'doing done down each few had has have having her here his how its itself just more most not now off once other our out own same she ' +
    'some such than their them then there they too very was were what when where which while who whom why will would you your are been ' +
    'being because between during may might per via ' +
    'der die das den dem des ein eine einen einem einer und oder aber mit von für auf aus bei nach über unter zum zur ist sind war waren ' +
    'wird werden wurde wurden hat haben hatte nicht auch nur noch schon als wenn dass sich sie wir ihr ' +
    // What every session is about.
    'user users asked asks ask said says wants want wanted wishes prefers prefer preferred preference project projects repository repo ' +
    'session file files folder code change changes changed changing fix fixed fixes add added adds update updated make made work works ' +
    'worked working task tasks use used uses using run runs ran running nutzer benutzer möchte will datei dateien'
  ).split(' '),
);

const WORD = /[\p{L}\p{N}_]+/gu;
const UNSPACED = /[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/;
/** Endings of English and German; what is left must still be a word. */
const ENDING = /(?:ings?|ed|es|s|er|en|em|e|n)$/;
const LEAST_STEM = 3;

/** The stems of its content words; of scripts without spaces all pairs of letters. */
export function contentWords(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [word] of plainText(text).toLowerCase().matchAll(WORD)) {
    for (const part of word.split(/_+|(?<=[\u3040-\u9fff])(?=[a-z0-9])|(?<=[a-z0-9])(?=[\u3040-\u9fff])/)) {
      if (UNSPACED.test(part)) addPairs(part, found);
      else if (part.length > 2 && !EMPTY.has(part)) found.add(stem(part));
    }
  }
  return found;
}

function addPairs(text: string, found: Set<string>): void {
  const letters = [...text];
  if (letters.length === 1) found.add(text);
  for (let at = 1; at < letters.length; at += 1) found.add(`${letters[at - 1]}${letters[at]}`);
}

function stem(word: string): string {
  const short = word.replace(ENDING, '').replace(/([bdfgklmnprtz])\1$/, '$1');
  return short.length >= LEAST_STEM ? short : word;
}

/** The share of `words` that `known` has; 1 for none. */
export function share(words: ReadonlySet<string>, known: ReadonlySet<string>): number {
  if (words.size === 0) return 1;
  let count = 0;
  for (const word of words) if (known.has(word)) count += 1;
  return count / words.size;
}

const edge = (words: string): string => String.raw`(?<![\p{L}\p{N}_])(?:${words})(?![\p{L}\p{N}_])`;

const MODAL = new RegExp(
  [
    edge(
      'always|must|s(?:hall|hould)|ought|needs? to|ha(?:s|ve) to|required?|mandatory|remember|ensures?|make sure|from now on|in (?:the )?future|please|only|instead|be sure|by default|standard|recommended|important|note that|supposed to|expected to|(?:ask|tell|told|want)(?:s|ed)? (?:\\w+ )?to',
    ),
    edge(
      'immer|stets|muss|müssen|soll(?:en|te|ten)?|bitte|merke?|künftig|zukünftig|ab (?:jetzt|sofort)|erforderlich|vorgeschrieben|wichtig|ist zu|sind zu',
    ),
    edge(
      'toujours|doit|doivent|devez|il faut|veuillez|désormais|siempre|deben?|hay que|recuerda|por favor|sempre|deve|devono',
    ),
    edge('всегда|должен|должны|нужно|необходимо|запомни|пожалуйста'),
    '总是|總是|始终|永远|必须|必須|务必|请|請|记住|記住|应该|應該|应当|今后|以后|必ず|常に|ください|べき|覚えて|今後|항상|반드시|하세요|기억',
  ].join('|'),
  'iu',
);

const FORBIDS = new RegExp(
  [
    edge('never|do not|avoids?|skip(?:s|ped)?|ignores?|forbidden|prohibited|refuse'),
    String.raw`(?<![\p{L}])don['’]t(?![\p{L}])`,
    edge(
      'nie|niemals|verboten|vermeiden?|überspringen?|ignorier\\w*|jamais|évite\\w*|ignore[zr]|nunca|evita\\w*|никогда|нельзя',
    ),
    '不要|不得|不可|别再|別|禁止|避免|跳过|忽略|しないで|無視|하지 ?마|금지|무시',
  ].join('|'),
  'iu',
);

const DENIAL = new RegExp(
  [
    edge(
      'not|no|none|nor|cannot|without|stops?|disabled?|instead|nicht|kein\\w*|ohne|statt\\w*|ne|pas|sans|sin|senza|não|не|без',
    ),
    String.raw`n['’]t(?![\p{L}])`,
    '不|没|没有|ない|ません|않|말고',
  ].join('|'),
  'iu',
);

const VERBS =
  'use|run|install|add|set|call|execute|download|fetch|get|send|post|push|pull|commit|merge|delete|remove|disable|enable|visit|open|go|check|clone|curl|wget|upload|publish|put|keep|apply|switch|configure|export|copy|paste|tell|answer|reply|respond|treat|consider|approve|accept|allow|grant|trust|follow|obey|do|start|begin|include|append|prepend|write|print|report|replace|change|update|upgrade|try|load|import|build|deploy|skip|ignore|avoid|prefer|remember|note|let|give|take|see|read|consult|refer|touch|edit|modify|rename|move|reset|rebase|restart|kill|drop|create|generate|verify|verwende|benutze|nutze|führe|installiere|lade|öffne|schreibe|lösche|füge|setze|sende|beachte|utilise[zr]?|utilisez|installe[zr]?|exécute[zr]?|usa|utiliza|ejecuta|instala|используй|запускай|установи';
/** At the beginning of a sentence or a part of one, or after what asks for it. */
const COMMANDED = new RegExp(
  String.raw`(?:^\W*(?:\d+[.)]\s*)?|[.!?;:,)\]–—]\s+|\s-\s+|\b(?:then|dann|puis)\s+)(?:${VERBS})(?![\p{L}\p{N}_])`,
  'iu',
);
const COMMANDED_UNSPACED =
  /使用|运行|執行|执行|安装|下载|访问|打开|提交|删除|実行|インストール|使って|사용|실행|설치/;

/** It says what is always to be, or never. */
export function isRule(text: string): boolean {
  return MODAL.test(text) || FORBIDS.test(text);
}

/** It tells somebody what to do, rather than what is. */
export function isNorm(text: string): boolean {
  return isRule(text) || COMMANDED.test(text.trim()) || COMMANDED_UNSPACED.test(text);
}

/** It says what is not to be, or is not. */
export function denies(text: string): boolean {
  return FORBIDS.test(text) || DENIAL.test(text);
}

/** It is about more than one project. */
export function speaksOfAll(text: string): boolean {
  return ALL_PROJECTS.test(text);
}

const ALL_PROJECTS = new RegExp(
  edge(
    "every ?where|globally|in general|(?:all|any|every|each|other) (?:of )?(?:(?:my|our|the|your|their|his|her|user's) )?(?:projects?|repos?|repositor(?:y|ies))|überall|allen (?:(?:meinen|unseren) )?(?:projekten|repos)",
  ),
  'iu',
);

/** A wish that outlives its session. */
export function isStanding(text: string): boolean {
  return !isQuestion(text) && STANDING.test(withoutNames(text));
}

/** `Remember that.`: nothing is left without what makes it a wish. */
export function isOnlyAReminder(text: string): boolean {
  const rest = text.replace(new RegExp(`${STANDING.source}|${POLITE.source}`, 'giu'), ' ');
  return contentWords(rest).size === 0;
}

/** It asks to know something; one that asks to do something is a wish. */
export function isQuestion(text: string): boolean {
  return /[?？]\W*$/.test(text) && !POLITE.test(text);
}

const POLITE = new RegExp(
  edge(
    '(?:can|could|will|would) (?:you|we)|please|(?:kannst|könntest|würdest) du|(?:können|könnten|würden) (?:sie|wir)|bitte|peux-tu|pouvez-vous|puedes|podrías',
  ),
  'iu',
);

/** `always-skip-review` and the like name a branch, a file or an address: who uses the name does not say so. */
export function withoutNames(text: string): string {
  return text.replace(NAME, (name) => (isNorm(name.replace(/[^\p{L}\p{N}]+/gu, ' ')) ? ' ' : name));
}

const NAME = /[\p{L}\p{N}]+(?:[-_./=?&+%@]+[\p{L}\p{N}]+)+/gu;

const STANDING = new RegExp(
  [
    edge(
      "always|never|from now on|in (?:the )?future|remember|every time|whenever|by default|i (?:prefer|like|hate)|we (?:use|prefer|always|never|do not|don[’']t)|our convention|as a rule",
    ),
    edge(
      'immer|stets|nie|niemals|künftig|zukünftig|ab (?:jetzt|sofort)|merk dir|merke|jedes ?mal|grundsätzlich|wir (?:nutzen|verwenden|benutzen)|ich bevorzuge',
    ),
    edge('toujours|jamais|désormais|rappelle-toi|siempre|nunca|recuerda|sempre|mai|всегда|никогда|запомни'),
    '总是|總是|始终|永远|记住|記住|今后|以后|必ず|常に|いつも|今後|覚えて|항상|절대|기억',
  ].join('|'),
  'iu',
);

/** Plain words and sentences hold none of these characters inside. */
const PARTICULAR = /[/\\@:=~<>{}$#*^%|&]|\.\w|^-{1,2}\w/;
const NUMBER = /^[v~≈<>]?\d[\d.,:%xX/–-]*[a-z]{0,3}$/i;
const COMMON = new Set(
  'and/or read/write client/server input/output yes/no on/off true/false he/she n/a i/o e.g i.e etc u.a z.b d.h node.js next.js vue.js express.js three.js d3.js'.split(
    ' ',
  ),
);

/** What it names to the letter and somebody could call, open or run: addresses, paths, options, assignments, commands in backticks. */
export function literals(text: string): readonly string[] {
  const plain = plainText(text);
  const spans = [...plain.matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span.trim());
  const commands = spans.filter((span) => /\s/.test(span));
  const words = plain
    .replaceAll('`', ' ')
    .split(/[\s,;，。；、！？（）「」"“”„«»]+/)
    .map((word) => word.replace(/^[('[<{*_]+|[)'\]>}*_.:!?…]+$/g, ''))
    .filter((word) => PARTICULAR.test(word) && !NUMBER.test(word) && !COMMON.has(word.toLowerCase()));
  return [...new Set([...commands, ...words])];
}

/** As a word of its own, or the end of a longer path. */
export function hasLiteral(text: string, literal: string): boolean {
  if (literal === '') return false;
  for (let at = text.indexOf(literal); at >= 0; at = text.indexOf(literal, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text.slice(at + literal.length, at + literal.length + 2);
    if (!/[\w-]/.test(before) && !/^(?:[\w-]|[./]\w)/.test(after)) return true;
  }
  return false;
}

/** A text in its sentences, one line each at most. */
export function sentences(text: string): readonly string[] {
  return text
    .split(/\n+|(?<=[.!?])\s+(?=\S)|(?<=[。！？])/)
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

const GREETINGS = contentWords(
  'hello hey hallo moin servus guten tag morgen abend bonjour salut hola buenos días ciao olá привет thanks thank danke merci gracias ' +
    'good morning evening day there everybody test ping please 你好 您好 谢谢 こんにちは ありがとう 안녕하세요',
);

/** It says nothing but hello, or thanks. */
export function isGreeting(text: string): boolean {
  return [...contentWords(text)].every((word) => GREETINGS.has(word)) && literals(text).length === 0;
}
