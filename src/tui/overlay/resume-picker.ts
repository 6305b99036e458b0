/** The list of earlier sessions. The clock is an argument. */
import type { SessionEntry } from '../../protocol.ts';
import { openPicker, type PickerItem, type PickerState } from './picker.ts';

/** @param now milliseconds since 1970. @param home the user's home folder, shown as `~`. */
export function openResumePicker(
  sessions: readonly SessionEntry[],
  {
    now,
    home,
    title = 'Resume a session',
  }: { readonly now: number; readonly home: string; readonly title?: string },
): PickerState {
  return openPicker({
    title,
    items: sessions.map((session) => itemOf(session, now, home)),
    filterHint: 'type to search',
    emptyText: 'No earlier sessions.',
  });
}

function itemOf(
  { id, name, firstPrompt, usedAt, cwd, branch }: SessionEntry,
  now: number,
  home: string,
): PickerItem {
  const folder = cwd === home || cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd;
  return {
    id,
    label: name ?? (firstPrompt.trim() || '(no messages yet)'),
    detail: [formatAge(now - usedAt), folder, ...(branch === undefined ? [] : [branch])].join(' · '),
  };
}

const UNITS: readonly (readonly [string, number])[] = [
  ['y', 31_536_000],
  ['mo', 2_592_000],
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
];

/** `just now`, `5 min ago`, `3 d ago`. */
export function formatAge(ms: number): string {
  const seconds = ms / 1000;
  const unit = UNITS.find(([, size]) => seconds >= size);
  return unit === undefined ? 'just now' : `${Math.floor(seconds / unit[1])} ${unit[0]} ago`;
}
