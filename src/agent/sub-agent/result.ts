/** What a parent gets of a sub-agent: its answer, with places that were checked, or why there is none. */
import allFailed from '../../../prompts/sub-agent/all-failed.md?raw';
import allPlaces from '../../../prompts/sub-agent/all-places.md?raw';
import noPlaces from '../../../prompts/sub-agent/no-places.md?raw';
import noResult from '../../../prompts/sub-agent/no-result.md?raw';
import places from '../../../prompts/sub-agent/places.md?raw';
import usedUp from '../../../prompts/sub-agent/used-up.md?raw';
import type { Item, TurnEnd } from '../../protocol.ts';
import type { Hides } from '../../safety/reads.ts';
import { fill } from '../../text/fill.ts';
import type { ToolResult } from '../../tools/tool.ts';
import { failure } from '../../tools/tool-call-item.ts';
import { isNoResult } from './no-result.ts';
import { type Checked, checkPlaces } from './places.ts';
import type { Steps } from './steps.ts';

/** Of a result. */
const MOST_TOKENS = 600;
/** Of them for what says that it was cut, and where all of it is. */
const MARKER_BYTES = 200;
/** A longer answer is none; no more of it is looked at. */
const MOST_TEXT = 40_000;
const MOST_NAMED = 8;
const NOTHING_READ = ': it looked at nothing';

export async function resultOf(
  { end, steps }: { readonly end: TurnEnd; readonly steps: Pick<Steps, 'done' | 'shown'> },
  about: { readonly cwd: string; readonly hides: Hides; readonly bytesPerToken: number },
): Promise<ToolResult> {
  const text = saidOf(end).trim().slice(0, MOST_TEXT);
  if (isNoResult(text)) return failure(emptyText(end, steps.done));
  const checked = await checkPlaces(text, { ...about, seen: steps.shown });
  if (steps.shown === '' && checked.held === 0)
    return failure(fill(noResult, { why: NOTHING_READ, read: '' }));
  const isPartial = end.type === 'turn_failed';
  const lines = [checked.text, ...(isPartial ? [usedUp.trim()] : []), placesText(checked, steps.done)];
  const mostBytes = Math.floor(MOST_TOKENS * about.bytesPerToken) - MARKER_BYTES;
  return { ok: true, text: lines.join('\n'), mostBytes };
}

function hasWorked(step: Item): boolean {
  return 'status' in step && step.status === 'completed';
}

function saidOf(end: TurnEnd): string {
  switch (end.type) {
    case 'turn_completed':
      return end.lastMessage ?? '';
    case 'turn_failed':
      return end.limit?.lastMessage ?? '';
    case 'turn_aborted':
      return '';
    default:
      return end satisfies never;
  }
}

function placesText({ all, held }: Checked, steps: readonly Item[]): string {
  if (held === 0 && steps.length > 0 && !steps.some(hasWorked)) return allFailed.trim();
  if (all === 0) return noPlaces.trim();
  if (held === all) return allPlaces.trim();
  return fill(places, { held: String(held), all: String(all) });
}

function emptyText(end: TurnEnd, steps: readonly Item[]): string {
  const why = end.type === 'turn_failed' ? `: ${end.message}` : '';
  const files = [...new Set(steps.flatMap(readBy))];
  const read = files.length === 0 ? '' : `It has read ${files.slice(0, MOST_NAMED).join(', ')}. `;
  return fill(noResult, { why, read });
}

function readBy(step: Item): string[] {
  if (step.type !== 'tool_call' || step.tool !== 'read_file' || step.status !== 'completed') return [];
  return typeof step.arguments.path === 'string' ? [step.arguments.path] : [];
}
