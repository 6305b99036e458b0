/** What a message names of MCP servers, read and put behind it. Loaded only with the first such message. */
import resourceText from '../../prompts/notes/resource.md?raw';
import { boundedText } from '../context/bounded-text.ts';
import { errorMessage } from '../text/error-message.ts';
import { fill } from '../text/fill.ts';
import type { MentionedResource } from '../text/resource-mentions.ts';
import type { InputDeps } from './input-deps.ts';

/** Of what is left of the window, in bytes a token. */
const BYTES_OF_LEFT = 1.5;

/** One that cannot be read is said, and the message goes without it. @throws the reason of the signal. */
export async function bringResources(
  named: readonly MentionedResource[],
  { mcp, window, history, emit, contextOf }: InputDeps,
  signal: AbortSignal,
): Promise<void> {
  for (const { server, uri } of named) {
    const name = `@${server}:${uri}`;
    try {
      const text = (await mcp?.resource(server, uri, signal)) ?? '';
      const { outputLimit, spillPath } = contextOf();
      const most = Math.max(0, Math.floor(window.left * BYTES_OF_LEFT));
      const cut = await boundedText(text, { outputLimit: Math.min(outputLimit, most), spillPath });
      history.note(fill(resourceText, { name, text: cut }));
    } catch (error) {
      signal.throwIfAborted();
      emit({ type: 'warning', message: `${name} is not sent: ${errorMessage(error)}` });
    }
  }
}
