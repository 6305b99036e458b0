/** What the lines of a rollout say, parsed when it is needed. */
import type { Item } from '../protocol.ts';
import type { EventMessage } from './lines.ts';
import { RolloutError } from './rollout-error.ts';
import { type LineRef, RolloutReader } from './scan.ts';

/** The caller closes it. @throws RolloutError */
export function openRollout(file: string): RolloutReader {
  try {
    return new RolloutReader(file);
  } catch (error) {
    throw new RolloutError(`cannot read the session ${file}: ${(error as Error).message}`);
  }
}

/** Undefined for no line and for one that cannot be read. */
export function payloadOf<T>(reader: RolloutReader, line: LineRef | undefined): T | undefined {
  return line && (reader.parse(line)?.payload as T | undefined);
}

/** Of a line that says that an item was completed. */
export function itemOf(reader: RolloutReader, line: LineRef): Item | undefined {
  const payload = payloadOf<EventMessage>(reader, line);
  return payload?.type === 'item_completed' ? payload.item : undefined;
}

/** The lines of a damaged file may say anything. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
