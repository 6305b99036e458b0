/** The evidence of a turn in which nothing happened. */
import type { Evidence } from '../../src/protocol.ts';

export const NOTHING_SEEN: Evidence = { files: [], commands: [], checks: [] };
