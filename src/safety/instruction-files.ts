/**
 * Files that people write for agents to obey. Only `context/agents-md.ts` may put one before the model unasked: it knows whether the
 * user trusts the folder, and what is shown as retrieved code is obeyed just the same.
 */

/** Case is ignored: some file systems do not distinguish. */
const INSTRUCTIONS =
  /(?:^|\/)(?:agents?(?:\.override)?\.md|(?:claude|gemini)(?:\.local)?\.md|copilot-instructions\.md|\.(?:cursor|windsurf|cline)rules)$/i;
const FOLDER =
  /(?:^|\/)\.(?:agents|claude|clinerules|codex|cursor|gemini|oagent|windsurf|github\/instructions)\//i;

/** @param file a path with `/`. */
export function instructsAgents(file: string): boolean {
  return INSTRUCTIONS.test(file) || FOLDER.test(file);
}

/** Whether the file may be shown to a model that has not asked for it, behind this message of the user's. */
export function mayBeShownUnasked(file: string, message: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return !instructsAgents(file) || message.toLowerCase().includes(name.toLowerCase());
}
