/** What happened besides the items, read from its lines: from a line of its own, or from one that has another purpose too. */
import type { ApprovalAnswer, Happening, McpCall } from '../protocol.ts';
import type { EventMessage } from './lines.ts';

/** Undefined: the line tells of something else, or is not as it was written. */
export function happeningOf(payload: EventMessage | undefined): Happening | undefined {
  switch (payload?.type) {
    case 'happened':
      return isSound(payload.event) ? payload.event : undefined;
    case 'context_compacted': {
      const { before, after } = payload;
      return Number.isFinite(before) && Number.isFinite(after)
        ? { type: 'compacted', before, after }
        : undefined;
    }
    case 'turn_failed':
      return typeof payload.message === 'string'
        ? { type: 'turn_failed', message: payload.message }
        : undefined;
    case 'turn_aborted':
      return { type: 'turn_aborted' };
    default:
      return undefined;
  }
}

/** A damaged file, or that of a newer oagent, may say anything. */
function isSound(event: Happening | undefined | null): boolean {
  switch (event?.type) {
    case 'warning':
    case 'repaired':
      return typeof event.message === 'string';
    case 'thinking_stopped':
      return Number.isFinite(event.tokens);
    case 'call_rejected':
      return (
        typeof event.message === 'string' && typeof event.tool === 'string' && isRecord(event.arguments ?? {})
      );
    case 'retry':
      return typeof event.reason === 'string' && Number.isFinite(event.attempt) && Number.isFinite(event.max);
    case 'retrieved':
      return (
        Array.isArray(event.places) && event.places.every(isPlace) && typeof (event.text ?? '') === 'string'
      );
    case 'recalled':
      return (
        typeof event.text === 'string' && Array.isArray(event.memories) && event.memories.every(isMemory)
      );
    case 'skill_used':
      return [event.name, event.file, event.text].every((value) => typeof value === 'string');
    case 'image_described':
      return [event.name, event.model, event.digest, event.text].every((value) => typeof value === 'string');
    case 'hook_ran':
      return [event.event, event.command, event.outcome, event.text].every(
        (value) => typeof value === 'string',
      );
    case 'rewound':
      return isOutcome(event.outcome);
    case 'approval_resolved':
      return isAnswer(event.answer) && isRequest(event.request);
    default:
      return false;
  }
}

const ANSWERS: Readonly<Record<ApprovalAnswer['type'], true>> = {
  once: true,
  session: true,
  prefix: true,
  option: true,
  no: true,
  stop: true,
};

function isAnswer(answer: ApprovalAnswer | undefined): boolean {
  return isRecord(answer) && Object.hasOwn(ANSWERS, String(answer?.type));
}

type Happened<T extends Happening['type']> = Extract<Happening, { readonly type: T }>;

function isOutcome(outcome: Happened<'rewound'>['outcome'] | undefined): boolean {
  if (!isRecord(outcome) || outcome === undefined) return false;
  const { done, refused, same } = outcome;
  return (
    Number.isFinite(same) &&
    Array.isArray(done) &&
    done.every((file) => typeof file?.path === 'string' && ['add', 'update', 'delete'].includes(file.kind)) &&
    Array.isArray(refused) &&
    refused.every((file) => [file?.path, file?.reason, file?.diff].every((text) => typeof text === 'string'))
  );
}

function isPlace(place: Happened<'retrieved'>['places'][number] | undefined): boolean {
  return typeof place?.path === 'string' && Number.isFinite(place.start) && Number.isFinite(place.end);
}

function isMemory(memory: Happened<'recalled'>['memories'][number] | undefined): boolean {
  if (!isRecord(memory)) return false;
  const { text, date, thread = '', note = '', project = '' } = memory ?? {};
  return [text, date, thread, note, project].every((value) => typeof value === 'string');
}

function isRequest(request: Happened<'approval_resolved'>['request']): boolean {
  if (request === undefined) return true;
  if (!isRecord(request) || !Array.isArray(request.changes ?? [])) return false;
  if (request.mcp !== undefined && !isCall(request.mcp)) return false;
  return [request.command ?? '', request.reason, request.kind].every((text) => typeof text === 'string');
}

function isCall(call: McpCall | null): boolean {
  return typeof call?.server === 'string' && typeof call.tool === 'string' && isRecord(call.arguments);
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
