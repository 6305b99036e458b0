/** What the Markdown file of a command says. */
import type { SandboxMode } from '../../protocol.ts';
import { frontMatter } from '../front-matter.ts';

/** What a command may ask for; never more than the session has. */
export type CommandMode = SandboxMode | 'plan';

export interface CommandText {
  readonly description: string;
  readonly hint: string | undefined;
  readonly model: string | undefined;
  readonly mode: CommandMode | undefined;
  readonly body: string;
}

const MODES: readonly CommandMode[] = ['plan', 'read-only', 'workspace-write', 'danger-full-access'];
const MOST_DESCRIPTION = 120;

/** @throws Error that says what is wrong and what to do. */
export function readCommand(text: string): CommandText {
  const { fields, body } = frontMatter(text);
  if (body.trim() === '') throw new Error('it has no text');
  const said = (name: string): string | undefined => {
    const value = fields.get(name);
    return (
      (typeof value === 'string' ? value : value?.join(' '))?.replaceAll(/\s+/g, ' ').trim() || undefined
    );
  };
  const mode = said('mode');
  const known = MODES.find((one) => one === mode);
  if (mode !== undefined && known === undefined)
    throw new Error(`its mode is ${JSON.stringify(mode)}: write one of ${MODES.join(', ')}`);
  const model = said('model');
  return {
    description: (said('description') ?? firstLine(body)).slice(0, MOST_DESCRIPTION).toWellFormed(),
    hint: said('argument-hint'),
    model: model === 'inherit' ? undefined : model,
    mode: known,
    body: body.trim(),
  };
}

function firstLine(body: string): string {
  const line = body.split('\n').find((one) => one.trim() !== '') ?? '';
  return line.replace(/^#+\s*/, '').trim();
}
