/** The two lists of a rewind: back to which message, and what is put back. */
import type { ChangeFigures, RewindPoint } from '../../protocol/sessions.ts';
import { plural } from '../../text/digits.ts';
import { openPicker, type PickerItem, type PickerState } from './picker.ts';

export const UNDO = 'undo';
export const NOTHING_LEFT =
  'The talk was summarised after that message, and no file was changed since: nothing can go back.';
export const REWIND_TITLE = 'Back to before which message?';

/** The newest first. @param canUndo an earlier rewind can be taken back */
export function rewindItems(points: readonly RewindPoint[], canUndo: boolean): PickerItem[] {
  const undo = { id: UNDO, label: 'Take back the last rewind of files' };
  const messages = points.toReversed().map((point) => ({
    id: point.itemId,
    label: point.text.trim().split('\n', 1)[0]?.trim() || '(no text)',
    detail: `${figures(point)}${point.isSummarised ? ' · summarised' : ''}`,
  }));
  return canUndo ? [undo, ...messages] : messages;
}

export function openRewindPicker(points: readonly RewindPoint[], canUndo: boolean): PickerState {
  return openPicker({
    title: REWIND_TITLE,
    items: rewindItems(points, canUndo),
    filterHint: 'type to search',
    emptyText: 'No message to go back to.',
  });
}

export function rewindChoices({ since, isSummarised }: RewindPoint): PickerItem[] {
  if (isSummarised)
    return [{ id: 'files', label: 'Files', detail: `${figures(since)} · the talk was summarised` }];
  return [
    { id: 'both', label: 'Files and talk', detail: figures(since) },
    { id: 'files', label: 'Files', detail: 'the talk stays; the model is told' },
    { id: 'talk', label: 'Talk', detail: 'the files stay as they are' },
  ];
}

export function openRewindChoice(point: RewindPoint): PickerState {
  return openPicker({ title: 'Put back what?', items: rewindChoices(point), hasNumbers: true });
}

function figures({ files, added, removed }: ChangeFigures): string {
  return files === 0 ? 'no files' : `${plural(files, 'file')} +${added} -${removed}`;
}
