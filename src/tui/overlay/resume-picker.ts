/** The list of earlier sessions. The clock is an argument. */
import type { SessionEntry } from '../../protocol/sessions.ts';
import { openPicker, type PickerItem, type PickerState } from './picker.ts';

/**
 * Those of `exec` are hidden until Tab, or the command line (`hasExec`), asks for them: scripts make many, and nobody
 * talked with them.
 *
 * @param now milliseconds since 1970. @param home the user's home folder, shown as `~`.
 */
export function openResumePicker(
  sessions: readonly SessionEntry[],
  {
    now,
    home,
    title = 'Resume a session',
    hasExec = false,
  }: {
    readonly now: number;
    readonly home: string;
    readonly title?: string;
    readonly hasExec?: boolean | undefined;
  },
): PickerState {
  const items = (shown: readonly SessionEntry[]): PickerItem[] =>
    shown.map((session) => itemOf(session, now, home));
  const hidden = sessions.filter(({ source }) => source === 'exec').length;
  const [all, own] = [items(sessions), items(sessions.filter(({ source }) => source !== 'exec'))];
  const [show, hide] = [`tab show ${hidden} of exec`, 'tab hide those of exec'];
  return openPicker({
    title,
    items: hasExec ? all : own,
    filterHint: 'type to search',
    emptyText: hidden === 0 ? 'No earlier sessions.' : 'No earlier sessions, except of exec.',
    other:
      hidden === 0
        ? undefined
        : hasExec
          ? { items: own, hint: hide, back: show }
          : { items: all, hint: show, back: hide },
  });
}

function itemOf(
  { id, name, firstPrompt, usedAt, cwd, branch, source }: SessionEntry,
  now: number,
  home: string,
): PickerItem {
  const folder = cwd === home || cwd.startsWith(`${home}/`) ? `~${cwd.slice(home.length)}` : cwd;
  return {
    id,
    label: sessionTitle(name, firstPrompt) || '(no messages yet)',
    detail: [
      formatAge(now - usedAt),
      folder,
      ...(branch === undefined ? [] : [branch]),
      ...(source === 'exec' ? ['exec'] : []),
    ].join(' · '),
  };
}

/** The name, or else the first line of the first prompt. */
export function sessionTitle(name: string | undefined, firstPrompt: string): string {
  return name ?? firstPrompt.trim().split('\n', 1)[0]?.trim() ?? '';
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
