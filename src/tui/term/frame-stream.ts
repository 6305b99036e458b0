/**
 * What Ink takes for its terminal: it lays a picture out and gives its text whole (its `debug` mode); the painter brings
 * it to the terminal.
 */
import { EventEmitter } from 'node:events';
import type { Size } from '../ports.ts';

/** @param take hears each picture. */
export function frameStream(size: () => Size, take: (text: string) => void): NodeJS.WriteStream {
  const write = (text: string, written?: unknown): boolean => {
    // With a callback Ink only asks when all before it has been written.
    if (typeof written === 'function') written();
    else take(text);
    return true;
  };
  const stream = Object.assign(new EventEmitter(), { isTTY: false, writable: true, write });
  return Object.defineProperties(stream, {
    columns: { get: () => size().columns },
    rows: { get: () => size().rows },
  }) as unknown as NodeJS.WriteStream;
}
