/**
 * A list to choose from, with an optional filter: sessions, models, presets.
 *
 * Invariants: the selection is on an entry that is shown and can be chosen, if there is one; a digit chooses only in a
 * numbered list, and is filter text where there is a filter.
 */
import { chordOf, type Key } from '../term/keys.ts';
import { moveSelection, nearest } from './list.ts';
import type { Step } from './overlay.ts';

export interface PickerItem {
  readonly id: string;
  /** All texts may be foreign: they are sanitised when drawn. */
  readonly label: string;
  /** Dim, in a column after the label. */
  readonly detail?: string;
  /** A short mark after the label: `current`. */
  readonly hint?: string;
  readonly disabled?: boolean;
}

interface PickerOptions {
  readonly title: string;
  /** A few sentences below the title, in one or more lines. */
  readonly note?: string;
  readonly items: readonly PickerItem[];
  /** Typed text filters; undefined: no filter. The text is shown while nothing is typed. */
  readonly filterHint?: string;
  /** Entries are numbered and 1 to 9 choose; only without a filter. */
  readonly hasNumbers?: boolean;
  /** Shown instead of the entries when there are none. */
  readonly emptyText?: string;
  /** Shown instead of `esc cancel`. */
  readonly cancelHint?: string;
  readonly selectedId?: string;
  /** What Tab shows instead, with the hints there and here. */
  readonly other?: { readonly items: readonly PickerItem[]; readonly hint: string; readonly back: string };
}

export interface PickerState extends PickerOptions {
  readonly filter: string;
  /** The entries that the filter lets through. */
  readonly shown: readonly PickerItem[];
  /** Index into `shown`. */
  readonly selected: number;
}

type PickerResult = { readonly type: 'chosen'; readonly id: string } | { readonly type: 'cancelled' };

export function openPicker(options: PickerOptions): PickerState {
  const wanted = options.items.findIndex(({ id }) => id === options.selectedId);
  return select({ ...options, filter: '', shown: options.items, selected: 0 }, wanted);
}

/** Replaces the entries; the selected one stays selected if it is still there. */
export function setPickerItems(state: PickerState, items: readonly PickerItem[]): PickerState {
  const id = state.shown[state.selected]?.id;
  const shown = matching(items, state.filter);
  const index = shown.findIndex((item) => item.id === id);
  return select({ ...state, items, shown }, index < 0 ? state.selected : index);
}

export function handlePickerKey(state: PickerState, key: Key): Step<PickerState, PickerResult> {
  const moved = moveSelection(key, state.selected, state.shown.length, (index) => canChoose(state, index));
  if (moved !== undefined) return { state: { ...state, selected: moved } };
  switch (chordOf(key)) {
    case 'enter':
      return choose(state, state.selected);
    case 'escape':
      return state.filter === '' ? { result: { type: 'cancelled' } } : { state: filtered(state, '') };
    case 'ctrl+c':
      return { result: { type: 'cancelled' } };
    case 'backspace':
      return { state: filtered(state, withoutLast(state.filter)) };
    case 'tab':
      return { state: state.other === undefined ? state : swapped(state, state.other) };
    case 'ctrl+u':
      return { state: filtered(state, '') };
    default:
      return key.name === 'text' ? typed(state, key.text) : { state };
  }
}

function swapped(
  state: PickerState,
  { items, hint, back }: NonNullable<PickerOptions['other']>,
): PickerState {
  return setPickerItems({ ...state, other: { items: state.items, hint: back, back: hint } }, items);
}

function typed(state: PickerState, text: string): Step<PickerState, PickerResult> {
  if (state.filterHint !== undefined) return { state: filtered(state, state.filter + text) };
  return state.hasNumbers && /^[1-9]$/.test(text) ? choose(state, Number(text) - 1) : { state };
}

function choose(state: PickerState, index: number): Step<PickerState, PickerResult> {
  const item = state.shown[index];
  if (item === undefined || item.disabled) return { state };
  return { result: { type: 'chosen', id: item.id } };
}

function filtered(state: PickerState, filter: string): PickerState {
  if (filter === state.filter) return state;
  return select({ ...state, filter, shown: matching(state.items, filter) }, 0);
}

function select(state: PickerState, index: number): PickerState {
  return { ...state, selected: nearest(index, 1, state.shown.length, (at) => canChoose(state, at)) };
}

function canChoose({ shown }: PickerState, index: number): boolean {
  return shown[index] !== undefined && !shown[index].disabled;
}

/** Entries that contain every word of the filter, in any order and case; those that are called so come first. */
function matching(items: readonly PickerItem[], filter: string): readonly PickerItem[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return items;
  const has = (text: string): boolean => words.every((word) => text.toLowerCase().includes(word));
  const found = items.filter(({ label, detail = '', hint = '' }) => has(`${label} ${detail} ${hint}`));
  const [first = ''] = words;
  const rank = ({ label }: PickerItem): number =>
    has(label) ? (label.toLowerCase().startsWith(first) ? 0 : 1) : 2;
  return found.toSorted((one, other) => rank(one) - rank(other));
}

function withoutLast(text: string): string {
  return [...new Intl.Segmenter().segment(text)]
    .slice(0, -1)
    .map(({ segment }) => segment)
    .join('');
}
