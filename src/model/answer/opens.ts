/** Where a call may begin, as the table of forms says. */
import { FORMS } from './forms.ts';

const ANY = FORMS.flatMap(({ opens }) => opens ?? []).join('|');
const SURE = FORMS.flatMap(({ opens, evidence }) =>
  evidence === 'sure' && opens !== undefined ? opens : [],
).join('|');

export const OPENS = new RegExp(ANY, 'g');
/** Of forms whose marks mean nothing else. */
export const SURE_OPENS = new RegExp(SURE, 'y');
/** At the start of a line. */
export const LINE_OPENS = new RegExp(String.raw`(?<=(?:^|\n)[ \t]{0,3})(?:${ANY})`, 'g');
/** JSON, or the call of a function, at the start of a line. */
export const LINE_DATA = /(?<=\n)(?:[{[](?=\s{0,20}["'{])|\[?\s{0,4}[A-Za-z_][\w.]{0,100}\()/g;
/** The call of a function at the start of a line; group 1 is its name. */
export const LINE_FUNCTION = /(?<=^|\n)[A-Za-z_][\w.]{0,100}(?=\()/g;
/** A text that begins with a call in JSON, in a fence or not. */
export const JSON_START =
  /^\s{0,100}(?:```\w{0,20}\s{1,100})?\[?\s{0,20}\{\s{0,20}(?:"(?:type|id)"\s{0,4}:\s{0,4}"\w{0,40}"\s{0,4},\s{0,20})?(?:"(?:name|tool|tool_name|function|action)"\s{0,4}:\s{0,4}"[\w.:-]{1,100}"\s{0,4},\s{0,20}"(?:arguments|parameters|args|input|action_input)"|"tool_calls")\s{0,4}:/;

/** A text that begins as the call of a function does, in a fence or not; group 1 is its name, group 2 its bracket. */
export const FUNCTION_START =
  /^\s{0,100}(?:```(?:python|py|text|plaintext|tool_code)?[^\S\n]{0,8}\n\s{0,100})?([A-Za-z_][\w.]{0,100})?(\()?/;

/** The length of what a sticky expression matches at a position; 0 if it does not. */
export function matched(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at;
  return expression.exec(text)?.[0].length ?? 0;
}
