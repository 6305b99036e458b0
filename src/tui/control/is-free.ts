/** Whether a question can come by itself. */
import type { AppPort } from './app-port.ts';

/** No turn runs or waits, and nothing else is being typed, asked or shown. */
export function isFree({
  composer,
  hasPager,
  overlay,
  state: { queue, turn },
}: Pick<AppPort, 'composer' | 'overlay' | 'hasPager' | 'state'>): boolean {
  return queue.length === 0 && turn === undefined && composer.isEmpty && overlay === undefined && !hasPager;
}
