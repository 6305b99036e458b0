/**
 * The text of a file in an answer that was asked for it, and whether it can be meant.
 *
 * Invariants: pure, linear, never throws; what comes back ends with a line break and has the line ends of the text that
 * it replaces. Does not: write.
 */

const LANGUAGES: { readonly [extension: string]: string } = {
  py: 'python',
  js: 'javascript',
  mjs: 'javascript',
  cjs: 'javascript',
  ts: 'typescript',
  md: 'markdown',
  sh: 'bash',
  rs: 'rust',
  rb: 'ruby',
  yml: 'yaml',
};

/** The word behind the fence that a file of this name would stand in. */
export function languageOf(file: string): string {
  const extension = /\.(\w+)$/.exec(file)?.[1]?.toLowerCase() ?? '';
  return LANGUAGES[extension] ?? extension;
}

/** The text between the fences; without fences the whole answer. */
export function textOfAnswer(answer: string, old: string | undefined): string {
  const fenced =
    /```[^\n]*\n([\s\S]*)\n```\s*$/.exec(answer)?.[1] ??
    /```[^\n]*\n([\s\S]*?)(?:\n```|$)/.exec(answer)?.[1] ??
    answer;
  const text = fenced.replace(/\r\n/g, '\n').replace(/\n*$/, '\n');
  return old?.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text;
}

const PLACEHOLDER =
  /^\s*(?:#|\/\/|\/\*|--|<!--|;)?\s*(?:\.\.\.|…)?\s*(?:\(?(?:the )?(?:rest|remaining|other|existing|previous|same|unchanged)\b[^\n]{0,60}(?:code|functions?|file|content|lines|unchanged|methods?|here|remain|same)[^\n]{0,20}|\.\.\.|…)\s*(?:\.\.\.|…)?\s*(?:\*\/|-->)?\s*$/im;

/** Why a new text cannot be meant as the whole of a file, for the model; undefined: it can. */
export function problemOf(text: string, old: string | undefined, file: string): string | undefined {
  if (text.trim() === '') return 'the text was empty';
  if (old === undefined) return undefined;
  if (text === old) return 'that is the text that the file had';
  const hole = PLACEHOLDER.exec(text)?.[0].trim();
  if (hole !== undefined && !old.includes(hole)) return `"${hole}" stands where lines of the file belong`;
  if (/\.json$/.test(file) && isJson(old) && !isJson(text)) return 'the text is not valid JSON';
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A patch that gives a file this whole text. */
export function wholeFilePatch(file: string, text: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  return [
    '*** Begin Patch',
    `*** Add File: ${file}`,
    ...lines.map((line) => `+${line}`),
    '*** End Patch',
  ].join('\n');
}
