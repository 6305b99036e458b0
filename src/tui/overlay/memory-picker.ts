/** The lists of `/memories`: all that is remembered with the switches, and one of it with what can be done. */
import { shortPath } from '../lines/short-path.ts';
import type { MemoryEntry, MemoryReport } from '../ports.ts';
import { openPicker, type PickerState } from './picker.ts';

const INCOGNITO = 'incognito';
const FOLDER = 'folder ';
const ENTRY = 'entry ';
export const FORGET = 'forget';

/** What the id of a chosen entry means. */
export type MemoryAction =
  | { readonly type: 'incognito' }
  | { readonly type: 'switch'; readonly isOn: boolean }
  | { readonly type: 'entry'; readonly key: string };

export function memoryAction(id: string): MemoryAction {
  if (id === INCOGNITO) return { type: 'incognito' };
  if (id.startsWith(FOLDER)) return { type: 'switch', isOn: id === `${FOLDER}on` };
  return { type: 'entry', key: id.slice(ENTRY.length) };
}

interface Around {
  readonly isIncognito: boolean;
  /** The user's. */
  readonly home?: string;
}

export function openMemories(
  { entries, folder, isOffHere, why }: MemoryReport,
  { isIncognito, home = '' }: Around,
): PickerState {
  const place = shortPath(folder, { cwd: '', home });
  const switches = [
    {
      id: `${FOLDER}${isOffHere ? 'on' : 'off'}`,
      label: isOffHere ? 'Switch on in this folder' : 'Switch off in this folder',
      detail: place,
    },
    ...(isIncognito ? [] : [{ id: INCOGNITO, label: 'Switch off in this session', detail: 'incognito' }]),
  ];
  return openPicker({
    title: entries.length === 0 ? 'Nothing is remembered yet' : 'What is remembered',
    note: why === undefined ? undefined : `Memories are limited here: ${why}.`,
    items: [
      ...entries.map(({ key, text, detail }) => ({ id: `${ENTRY}${key}`, label: text, detail })),
      ...switches,
    ],
    filterHint: 'type to search',
  });
}

export function openMemory({ text, detail }: MemoryEntry): PickerState {
  return openPicker({
    title: text,
    note: detail,
    items: [
      { id: FORGET, label: 'Forget it', detail: 'it does not come back' },
      { id: 'back', label: 'Back to the list' },
    ],
    hasNumbers: true,
    cancelHint: 'esc back',
  });
}
