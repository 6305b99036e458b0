/**
 * Whether an answer asks the user something. Pure; in every language whose questions have a mark of their own.
 *
 * The question may be in quotes, brackets or bold, and the answers to choose from may follow it. Code and headings ask nothing.
 */

/** What may close a sentence after its mark: quotes, brackets, Markdown, a smiley, a tag. */
const CLOSING = String.raw`(?:[\p{Pe}\p{Pf}\p{Pi}\p{Extended_Pictographic}\u{FE0F}"'*_~!.…]|[:;]-?[()DP]|</\w{1,20}>){0,20}`;
const LAST = new RegExp(String.raw`[?？؟⁇⁈⁉፧]${CLOSING}(?:\s{1,20}${CLOSING}){0,3}$`, 'u');
const ANY = new RegExp(String.raw`[？؟⁇⁈⁉፧]|\?${CLOSING}(?:\s|$)`, 'u');
const FENCED = /(?:^|\n)[ \t]*(```|~~~)([^\n]*)([\s\S]*?)(?:\n[ \t]*\1[ \t]*(?=\n|$)|$)/g;
const HEADING = /(?:^|\n)#{1,6} [^\n]*/g;
/** An answer to choose. */
const OPTION = /^\s*(?:[-*•+–]|[([]?(?:\d{1,2}|\p{L})[.):\]])\s+\S.{0,100}$/u;
const MOST_OPTIONS = 6;

/** `last`: it ends with a question, or with the answers to it. `before`: its last paragraph holds one. */
export function asking(answer: string): 'last' | 'before' | undefined {
  const text = withoutCode(answer).replace(HEADING, '\n').trimEnd();
  if (endsWithQuestion(text) || endsWithQuestion(withoutOptions(text))) return 'last';
  return ANY.test(text.slice(text.lastIndexOf('\n\n') + 1)) ? 'before' : undefined;
}

/** Nothing follows it, not even the answers to choose from. */
export function endsWithQuestion(text: string): boolean {
  return LAST.test(text);
}

/** @param isText tells of a fence, by its label and content, that it holds no code. */
export function withoutCode(
  text: string,
  isText: (label: string, inner: string) => boolean = () => false,
): string {
  const rest = text.replace(FENCED, (_, _mark, label: string, inner: string) =>
    isText(label.trim(), inner) ? `\n${inner}` : '\n',
  );
  return rest.trimEnd();
}

/** Without the answers to choose from at the end. */
export function withoutOptions(text: string): string {
  const lines = text.split('\n');
  let end = lines.length;
  while (lines.length - end < MOST_OPTIONS && OPTION.test(lines[end - 1] ?? '')) end -= 1;
  return lines.slice(0, end).join('\n').trimEnd();
}
