/** How the generated files write what a model or a file has said. */
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import type { RecordRow } from '../store/schema.ts';

/** Below the folder of memories. */
export const rolloutFile = (thread: string): string => `rollout_summaries/${thread}.md`;

/** No name of a folder or branch can begin a line of its own. */
export function oneLine(text: string): string {
  return sanitizeForTerminal(text).replaceAll(/\s+/g, ' ').trim();
}

/** No closing tag, comment or instruction begins in it: memories are told between tags. */
export function withoutEndTags(line: string): string {
  return line.replaceAll(/<(?=[/!?])/g, '< ');
}

/** @returns lines of the form `name: value`. */
export function headerLines({ source_updated, rollout, cwd, branch, is_trusted }: RecordRow): string[] {
  return [
    `updated: ${new Date(source_updated).toISOString()}`,
    `rollout: ${oneLine(rollout)}`,
    `cwd: ${oneLine(cwd)}`,
    ...(branch === null ? [] : [`branch: ${oneLine(branch)}`]),
    `trusted: ${is_trusted === 1 ? 'yes' : 'no'}`,
  ];
}

/** Its headings stay below those of the file, and it cannot begin another header. */
export function bodyText(text: string): string {
  return sanitizeForTerminal(text)
    .replaceAll(/[\t ]+$/gm, '')
    .replaceAll(/^ {0,3}#{1,2}(?=\s|$)/gm, '###')
    .replaceAll(/^ {0,3}(-{3,}|={3,})$/gm, '    $1')
    .trim();
}
