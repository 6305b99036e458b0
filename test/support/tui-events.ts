/** Events as a session tells them, with defaults for what a test does not care about. */

import type { Evidence } from '../../src/protocol/evidence.ts';
import type { TokenUsage } from '../../src/protocol/requests.ts';
import type { ApprovalRequest, Event, Item } from '../../src/protocol.ts';
import { NOTHING_SEEN } from './evidence.ts';

type ItemOf<T extends Item['type']> = Extract<Item, { type: T }>;
type Given<T extends Item['type']> = Partial<Omit<ItemOf<T>, 'type'>>;

let lastId = 0;

/** An id that no item of the run has. */
export function newId(): string {
  lastId += 1;
  return `item_${lastId}`;
}

export const begins = (item: Item): Event => ({ type: 'item_started', item });
export const ends = (item: Item): Event => ({ type: 'item_completed', item });
export const delta = (item: Item, text: string): Event => ({ type: 'item_delta', itemId: item.id, text });
/** An item from its start to its end at once. */
export const done = (item: Item): Event[] => [begins(item), ends(item)];

export function user(text: string): ItemOf<'user_message'> {
  return { type: 'user_message', id: newId(), text };
}

export function answer(text: string, given: Given<'agent_message'> = {}): ItemOf<'agent_message'> {
  return { type: 'agent_message', id: newId(), text, status: 'completed', ...given };
}

export function thinking(text: string): ItemOf<'reasoning'> {
  return { type: 'reasoning', id: newId(), text, status: 'completed' };
}

export function command(text: string, given: Given<'command_execution'> = {}): ItemOf<'command_execution'> {
  return {
    type: 'command_execution',
    id: newId(),
    command: text,
    cwd: '/home/ada/shop',
    output: '',
    exitCode: 0,
    durationMs: 10,
    status: 'completed',
    ...given,
  };
}

export function call(
  tool: string,
  args: ItemOf<'tool_call'>['arguments'],
  given: Given<'tool_call'> = {},
): ItemOf<'tool_call'> {
  return { type: 'tool_call', id: newId(), tool, arguments: args, output: '', status: 'completed', ...given };
}

export function patch(
  changes: ItemOf<'file_change'>['changes'],
  given: Given<'file_change'> = {},
): ItemOf<'file_change'> {
  return { type: 'file_change', id: newId(), changes, output: 'Done.', status: 'completed', ...given };
}

export function plan(steps: ItemOf<'plan'>['steps'], explanation?: string): ItemOf<'plan'> {
  return { type: 'plan', id: newId(), steps, explanation };
}

export const CHANGE: ItemOf<'file_change'>['changes'][number] = {
  path: '/home/ada/shop/src/cart.ts',
  kind: 'update',
  diff: [
    '--- a/src/cart.ts',
    '+++ b/src/cart.ts',
    '@@ -3,4 +3,4 @@',
    ' export function total(cart: Cart): number {',
    '-  return cart.items.length;',
    '+  return cart.items.reduce((sum, { price }) => sum + price, 0);',
    ' }',
    ' ',
  ].join('\n'),
};

function usage(inputTokens: number, outputTokens: number): TokenUsage {
  return { inputTokens, cachedInputTokens: 0, outputTokens, reasoningOutputTokens: 0 };
}

export function tokens(inputTokens: number, outputTokens: number, estimated = false): Event {
  const used = usage(inputTokens, outputTokens);
  return { type: 'token_count', total: used, last: used, numCtx: 32_768, estimated };
}

export const TURN: Event = { type: 'turn_started', turnId: 'turn_1' };
/** A turn of which this was seen. */
export function turnDone(evidence: Partial<Evidence>): Event {
  return {
    type: 'turn_completed',
    turnId: 'turn_1',
    usage: usage(0, 0),
    lastMessage: null,
    evidence: { ...NOTHING_SEEN, ...evidence },
  };
}
export const TURN_DONE = turnDone({});
export function turnFailed(message: string): Event {
  return { type: 'turn_failed', turnId: 'turn_1', message, evidence: NOTHING_SEEN };
}
export const TURN_ABORTED: Event = { type: 'turn_aborted', turnId: 'turn_1' };

export function phase(name: Extract<Event, { type: 'model_phase' }>['phase'], more = {}): Event {
  return { type: 'model_phase', phase: name, ...more };
}

export function asks(given: Partial<ApprovalRequest> = {}): Event {
  return {
    type: 'approval_requested',
    request: {
      id: 'approval_1',
      kind: 'command',
      command: 'npm install left-pad',
      cwd: '/home/ada/shop',
      reason: 'it needs the network',
      justification: 'The tests need it.',
      prefix: ['npm', 'install'],
      ...given,
    },
  };
}
