/** The lists of `/review`: which changes, then which branch or commit. */
import { openPicker, type PickerItem, type PickerState } from './picker.ts';

export type ReviewChoice = 'uncommitted' | 'base' | 'commit' | 'words';

export const REVIEW_TITLE = 'Review which changes?';
/** Behind this the user writes what to look for. */
export const REVIEW_DRAFT = '/review ';
export const NAME_TITLES = { base: 'Compare with which branch?', commit: 'Which commit?' } as const;

const CHOICES: readonly (readonly [ReviewChoice, string, string])[] = [
  ['uncommitted', 'Uncommitted changes', 'new files included'],
  ['base', 'Against a branch', 'what HEAD adds to it'],
  ['commit', 'A commit', 'against the one before it'],
  ['words', 'With instructions of your own', 'the uncommitted changes; write what to look for'],
];

export const REVIEW_ITEMS: readonly PickerItem[] = CHOICES.map(([id, label, detail]) => ({
  id,
  label,
  detail,
}));

export function openReviewPicker(): PickerState {
  return openPicker({ title: REVIEW_TITLE, items: REVIEW_ITEMS, hasNumbers: true });
}

export function branchItems(branches: readonly string[]): PickerItem[] {
  return branches.map((name) => ({ id: name, label: name }));
}

export function commitItems(
  commits: readonly { readonly hash: string; readonly subject: string }[],
): PickerItem[] {
  return commits.map(({ hash, subject }) => ({ id: hash, label: hash.slice(0, 9), detail: subject }));
}

export function openNamePicker(type: 'base' | 'commit', items: readonly PickerItem[]): PickerState {
  const emptyText = type === 'base' ? 'There is no other branch.' : 'There is no commit yet.';
  return openPicker({ title: NAME_TITLES[type], items, filterHint: 'type to search', emptyText });
}
