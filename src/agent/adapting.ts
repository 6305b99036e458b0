/**
 * Changes what is sent where the server cannot take it, and says so: a window that does not fit into memory is halved,
 * an image that cannot be read leaves the history. Nothing that was refused is sent again, also in later sessions.
 */
import type { History, HistoryItem } from '../context/history.ts';
import { ModelError } from '../model/errors.ts';
import type { ChatSettings } from '../model/server.ts';
import { OLLAMA_WORDS } from '../model/server-words.ts';
import type { Event } from '../protocol.ts';
import { groupDigits } from '../text/digits.ts';
import { notes } from './notes.ts';

interface AdaptingDeps {
  readonly settings: ChatSettings;
  readonly history: History;
  readonly meter: { readonly promptTokens: number };
  readonly emit: (event: Event) => void;
}

/** Runs `run` again after each change. @throws ModelError if nothing can be changed; `compact` if too much is sent. */
export async function adapting<T>(deps: AdaptingDeps, run: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      if (error.window !== undefined && error.window < deps.settings.numCtx)
        deps.settings.adopt?.(error.window);
      if (error.remedy === 'smaller_window') shrink(deps, error);
      else if (error.remedy === 'drop_image' || mayBeImage(deps.history, error)) dropImages(deps, error);
      else throw error;
    }
  }
}

/** A request that is refused in words that nobody knows, while it has an image that was never answered. */
function mayBeImage({ items }: History, { remedy, status = 0 }: ModelError): boolean {
  const at = items.findLastIndex((item) => 'images' in item && item.images !== undefined);
  const isNew = at > items.findLastIndex(({ type }) => type === 'assistant');
  return isNew && remedy === 'fail' && [400, 415, 422].includes(status);
}

function shrink({ settings, meter, emit }: AdaptingDeps, error: ModelError): void {
  const before = settings.numCtx;
  const numCtx = settings.shrink?.();
  if (numCtx === undefined) {
    const { words = OLLAMA_WORDS } = error;
    // A window that the server has settled is not one that we found too small.
    const little = settings.isWindowFixed ? '' : `, and ${groupDigits(before)} tokens are little already`;
    throw new ModelError(`${error.message}${little}. ${words.memory}`, 'fail');
  }
  const message = `${error.message}: ${groupDigits(before)} tokens. It is ${groupDigits(numCtx)} from now on`;
  emit({ type: 'warning', message });
  if (meter.promptTokens > numCtx - settings.numPredict) throw new ModelError(message, 'compact');
}

function dropImages({ history, emit }: AdaptingDeps, error: ModelError): void {
  const at = history.items.findLastIndex((item) => 'images' in item && item.images !== undefined);
  const item = history.items[at];
  if (item === undefined || item.type === 'assistant') throw new ModelError(error.message, 'fail');
  const names = (item.type === 'user' ? item.imageNames : undefined) ?? [];
  const name = names.length > 0 ? names.join(', ') : 'the image';
  emit({ type: 'warning', message: `${error.message}: left out from now on: ${name}` });
  const content = `${item.content}\n${notes.imageRefused(name)}`;
  history.replace(history.items.with(at, { ...withoutImages(item), content }));
}

function withoutImages(item: Exclude<HistoryItem, { type: 'assistant' }>): HistoryItem {
  if (item.type === 'tool') {
    const { images: _, ...rest } = item;
    return rest;
  }
  const { images: _, imageNames: __, ...rest } = item;
  return rest;
}
