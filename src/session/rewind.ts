/** Going back to a message of the user: what its turns have changed in files, and putting that back. */
import { notes } from '../agent/notes.ts';
import { checkpointsFolder } from '../config/checkpoints-folder.ts';
import type { ChangeFigures, RewindOutcome, RewindPoint } from '../protocol/sessions.ts';
import type { Event, Happening } from '../protocol.ts';
import { readSession } from '../rollout/reconstruct.ts';
import { allEvents } from '../rollout/shown.ts';
import type { Permissions } from '../safety/permissions.ts';
import { createPolicy } from '../safety/policy.ts';
import { decodeText } from '../text/decode.ts';
import { relativePath } from '../text/relative-path.ts';
import { unifiedDiff } from '../tools/apply-patch/summary.ts';
import type { Change, FileState } from '../tools/checkpoints/change-log.ts';
import { Objects } from '../tools/checkpoints/objects.ts';
import {
  changesAfter,
  changesOf,
  lastRewind,
  type PreparedRewind,
  prepareRewind,
  restore,
} from '../tools/checkpoints/restore.ts';
import { isSameContent, type RefusalKind, type RewindRefusal } from '../tools/checkpoints/rewind-plan.ts';
import { SessionError } from './session-error.ts';

/** A session on the disk. */
export interface KeptSession {
  readonly home: string;
  readonly id: string;
  /** Its rollout. */
  readonly file: string;
  readonly cwd: string;
}

/** The messages of the user, the oldest first, each with what was changed in files from it until the next one. @throws RolloutError */
export function rewindPoints({ home, id, file }: KeptSession): RewindPoint[] {
  const changes = changesOf({ home, session: id });
  const count = counter(new Objects(checkpointsFolder(home, id)));
  const events = [...allEvents(file)];
  const prompts = events.flatMap((event) =>
    event.type === 'item_completed' && event.item.type === 'user_message' ? [event.item] : [],
  );
  const summarised = promptsBefore(
    events,
    events.findLastIndex(({ type }) => type === 'compacted'),
  );
  return prompts.map(({ id: itemId, text }, at) => {
    const next = prompts[at + 1];
    const until = next === undefined ? Number.POSITIVE_INFINITY : numberOf(next.id);
    const all = changesAfter(changes, numberOf(itemId));
    const own = all.filter(({ item, by }) => by !== 'rewind' && item < until);
    const isSummarised = at < summarised || undefined;
    return {
      itemId,
      number: at + 1,
      text,
      isSummarised,
      ...figuresOf(own, count),
      since: figuresOf(all, count),
    };
  });
}

function promptsBefore(events: readonly (Event | Happening)[], end: number): number {
  const isPrompt = (event: Event | Happening): boolean =>
    event.type === 'item_completed' && event.item.type === 'user_message';
  return events.slice(0, Math.max(0, end)).filter(isPrompt).length;
}

/** Whether a rewind of files can be taken back. */
export function hasRewind({ home, id }: Pick<KeptSession, 'home' | 'id'>): boolean {
  return lastRewind(changesOf({ home, session: id })) !== undefined;
}

export interface RewindWish {
  /** The id of the message before which the files are to be; `undo`: before the last rewind. */
  readonly to: string | 'undo';
  readonly permissions: Permissions;
  /** Nothing is written. */
  readonly isTrial?: boolean;
}

/**
 * Puts the files back, as far as nobody else has changed them.
 * @throws Error if a file changes meanwhile or cannot be written, SessionError if there is nothing to take back
 */
export async function rewindFiles(session: KeptSession, wish: RewindWish): Promise<RewindOutcome> {
  const { home, id, cwd, file } = session;
  const owner = { home, session: id, cwd };
  const all = changesOf(owner);
  const changes = wish.to === 'undo' ? lastRewind(all) : changesAfter(all, numberOf(wish.to));
  if (changes === undefined) throw new SessionError('no rewind of files was made in this session');
  const policy = createPolicy({ ...wish.permissions, mode: 'workspace-write', isPlan: false });
  const prepared = prepareRewind(owner, changes, (path) => policy.checkWrite([path]).allowed);
  if (!wish.isTrial) {
    const { lastItem } = readSession(file, { shownItems: 0, withHistory: false });
    await restore(owner, prepared, lastItem);
  }
  return outcomeOf(prepared);
}

function outcomeOf({ plan, objects, found }: PreparedRewind): RewindOutcome {
  const done = plan.steps.map(({ path, from, to }) => ({
    path,
    kind:
      to.kind === 'absent'
        ? ('delete' as const)
        : from.kind === 'absent'
          ? ('add' as const)
          : ('update' as const),
  }));
  const refused = plan.refused.map((refusal) => {
    const { path, kind } = refusal;
    const [since, now] = [comparedOf(refusal), found(path)];
    const old = since && textOf(since, objects);
    const text = now && textIn(now);
    const diff = old !== undefined && text !== undefined ? diffOf(path, old, text) : '';
    return { path, reason: REASONS[kind], diff };
  });
  return { done, refused, same: plan.same.length };
}

/** Since when it is shown what has changed; undefined: that says nothing. */
function comparedOf({ kind, before, left }: RewindRefusal): FileState | undefined {
  if (kind === 'changed' || kind === 'changed_between') return left;
  return kind === 'late' ? before : undefined;
}

const REASONS: Readonly<Record<RefusalKind, string>> = {
  changed: 'somebody else has changed it since',
  changed_between: 'somebody else has changed it between two changes of oagent',
  unreadable: 'what is there now cannot be read as a file',
  forgotten: 'what it was is not kept: the disk was full, or too much has changed since',
  not_kept: 'what it was before a command was not kept: it was ignored, too large, or somewhere else',
  unclear: 'what a command has made of it is too large to be compared, or could not be read',
  late: 'it was changed when oagent was killed in a command, or later, so it may be the work of somebody else',
  link: 'it was a link, or is one now',
  forbidden: 'it is outside of the writable folders, protected, or has another name (a hard link)',
};

type CountLines = (before: FileState, after: FileState) => Pick<ChangeFigures, 'added' | 'removed'>;

/** The same two contents are compared once. */
function counter(objects: Objects): CountLines {
  const known = new Map<string, ReturnType<CountLines>>();
  return (before, after) => {
    const key = JSON.stringify([before, after]);
    const counted = known.get(key) ?? countLines(textOf(before, objects), textOf(after, objects));
    known.set(key, counted);
    return counted;
  };
}

function countLines(old: string | undefined, now: string | undefined): ReturnType<CountLines> {
  if (old === undefined || now === undefined) return { added: 0, removed: 0 };
  const lines = diffOf('', old, now).split('\n').slice(2);
  const count = (sign: string): number => lines.filter((line) => line.startsWith(sign)).length;
  return { added: count('+'), removed: count('-') };
}

function figuresOf(changes: readonly Change[], count: CountLines): ChangeFigures {
  const ends = new Map<string, { before: FileState; after: FileState }>();
  for (const { path, before, after } of changes.flatMap(({ files }) => files)) {
    ends.set(path, { before: ends.get(path)?.before ?? before, after });
  }
  let [files, added, removed] = [0, 0, 0];
  for (const { before, after } of ends.values()) {
    if (isSameContent(before, after)) continue;
    files += 1;
    const lines = count(before, after);
    added += lines.added;
    removed += lines.removed;
  }
  return { files, added, removed };
}

function diffOf(path: string, old: string, now: string): string {
  return unifiedDiff(path, path, old, now);
}

/** Undefined: not kept, or no text. */
function textOf(state: FileState, objects: Objects): string | undefined {
  if (state.kind === 'absent') return '';
  const bytes = state.kind === 'file' ? objects.get(state.sha256) : undefined;
  return bytes && textIn({ kind: 'file', bytes });
}

function textIn(found: { readonly kind: string; readonly bytes?: Buffer }): string | undefined {
  if (found.kind === 'absent') return '';
  const decoded = found.bytes && decodeText(found.bytes);
  return decoded?.ok && !decoded.text.includes('\0') ? decoded.text : undefined;
}

function numberOf(itemId: string): number {
  return Number(itemId.slice(1));
}

/** The note for the model, whose files are not as it left them; undefined: they are. */
export function rewoundNote({ done }: RewindOutcome, cwd: string): string | undefined {
  if (done.length === 0) return undefined;
  return notes.filesRewound(done.map(({ path }) => relativePath(path, cwd)));
}
