/** The evidence of a turn in which nothing happened. */
import type { Evidence } from '../../src/protocol/evidence.ts';

export const NOTHING_SEEN: Evidence = { files: [], commands: [], checks: [] };
