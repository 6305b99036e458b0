/** The choice of colours. There are few: letters have the terminal's own sixteen, and tints are behind some of them. */
import { openPicker, type PickerState } from './picker.ts';

/** `auto`: colours unless NO_COLOR is set; `plain`: bold and dim only. */
export type ThemeName = 'auto' | 'color' | 'plain';

const THEMES: readonly (readonly [ThemeName, string, string])[] = [
  ['auto', 'Automatic', 'colours and tints, unless NO_COLOR is set'],
  ['color', 'Colours', 'only the sixteen colours of your terminal'],
  ['plain', 'No colours', 'bold and dim only'],
];

/** The id of what is chosen is a ThemeName; `themeOf` reads it. */
export function openThemePicker(current: ThemeName): PickerState {
  return openPicker({
    title: 'Choose the colours',
    items: THEMES.map(([id, label, detail]) => ({
      id,
      label,
      detail,
      hint: id === current ? 'current' : undefined,
    })),
    hasNumbers: true,
    selectedId: current,
  });
}

/** The theme of an id or of a word that the user typed; undefined: there is no such theme. */
export function themeOf(id: string): ThemeName | undefined {
  return THEMES.find(([name]) => name === id)?.[0];
}
