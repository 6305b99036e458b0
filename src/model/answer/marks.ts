/**
 * The marks around thinking and around the answer that models' templates use and servers' parsers let through. Each
 * expression is sticky and bounded in length.
 */

const NAMES = 'think|thinking|thoughts?|reasoning|reflection';

/** `<think>`, `<seed:think>`, `[THINK]`, Kimi's, Sky-T1's, Cohere's, Gemma's. */
const THINKING_OPEN = new RegExp(
  String.raw`<(?:\w{1,12}[:_])?(?:${NAMES})>|\[THINK\]|◁think▷|<\|begin_of_thought\|>|<\|START_THINKING\|>|<\|channel>thought|<unused94>(?:thought)?`,
  'iy',
);
const THINKING_CLOSE = new RegExp(
  String.raw`</(?:\w{1,12}[:_])?(?:${NAMES})>|\[/THINK\]|◁/think▷|<\|end_of_thought\|>|<\|END_THINKING\|>|<channel\|>|<unused95>`,
  'iy',
);
/** gpt-oss: `<|start|>assistant<|channel|>final<|message|>`. Groups: the channel, the addressee. */
const CHANNEL =
  /(?:<\|start\|>(?:assistant)?)?<\|channel\|>\s{0,2}(\w{1,20})(\s{1,2}to=[\w.:-]{1,100})?[^<>\n]{0,40}(?:<\|constrain\|>[^<>\n]{0,20})?<\|message\|>/y;
const MESSAGE_END = /<\|(?:end|return)\|>/y;
/** Tags whose content is the value of an argument. */
const VALUE = '(?:parameter|arg_value|content|diff|new_str|file_text)';
const VALUE_OPEN = new RegExp(String.raw`<(?:｜DSML｜|antml:)?${VALUE}(?:[ =][^<>\n]{1,120})?>`, 'y');
const VALUE_CLOSE = new RegExp(`</(?:｜DSML｜|antml:)?${VALUE}>`, 'y');

/** gpt-oss's channels as they are left if a parser drops the marks: only at the start of an answer, and glued together. */
export const BARE_ANALYSIS = /\s{0,20}(?:assistant)?analysis(?=[A-Z"'`*\d])/y;
export const BARE_FINAL = /\s{0,20}assistantfinal(?=[^\sa-z]|\n)/y;

const ANSWER_OPEN = /^\s*(?:<answer>|<\|begin_of_solution\|>|<\|START_RESPONSE\|>)/;
const ANSWER_CLOSE = /(?:<\/answer>|<\|end_of_solution\|>|<\|END_RESPONSE\|>)\s*$/;

/** The answer after thinking, without what some templates put around it. */
export function withoutFrame(text: string): string {
  return text.replace(ANSWER_OPEN, '').replace(ANSWER_CLOSE, '').replace(/^\s+/, '');
}

type MarkKind = 'open' | 'close' | 'channel' | 'end' | 'value' | 'value_end';

export interface Mark {
  readonly kind: MarkKind;
  readonly text: string;
  /** Of a channel. */
  readonly name?: string;
  readonly isAddressed?: boolean;
}

const MARKS: readonly (readonly [MarkKind, RegExp])[] = [
  ['channel', CHANNEL],
  ['end', MESSAGE_END],
  ['open', THINKING_OPEN],
  ['close', THINKING_CLOSE],
  ['value', VALUE_OPEN],
  ['value_end', VALUE_CLOSE],
];

/** With one of these a mark begins. */
export const MARK_START = /[<[◁]/;

/** The mark with which `text` begins. */
export function markAt(text: string): Mark | undefined {
  for (const [kind, expression] of MARKS) {
    expression.lastIndex = 0;
    const match = expression.exec(text);
    if (match === null) continue;
    return { kind, text: match[0], name: match[1] ?? '', isAddressed: match[2] !== undefined };
  }
  return undefined;
}

const UNFINISHED = new RegExp(
  String.raw`^(?:<[/|｜]?[\w:｜|▁-]{0,40}>?|<(?:\|channel|unused94)>[a-z]{0,6}|<(?:｜DSML｜|antml:)?(?:${VALUE}|invoke|function)[ =][^<>\n]{0,120}|\[/?[A-Z_]{0,12}|◁/?\w{0,5})$`,
  'i',
);
const CHANNEL_START = /^<\|(?:channel|start|end)\|>/;
const LONGEST_CHANNEL = 200;

/** Whether more text could make a mark of the beginning of `text`, or another mark than now. */
export function isUnfinished(text: string): boolean {
  if (UNFINISHED.test(text)) return true;
  return text.length < LONGEST_CHANNEL && CHANNEL_START.test(text) && markAt(text)?.kind !== 'channel';
}
