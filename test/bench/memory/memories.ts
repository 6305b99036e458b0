/** The corpus as the recall sees it. */
import { ENTRIES, NOTES, SESSIONS } from './corpus.ts';

export function memoriesFor(
  folder: string,
  _text: string,
): { id: string; head: string; text: string; source: string }[] {
  return [
    ...ENTRIES.filter(({ project }) => project === '' || project === folder).map(({ id, topic, text }) => ({
      id,
      head: topic,
      text,
      source: id,
    })),
    ...SESSIONS.filter((one) => one.folder === folder).flatMap(({ id, slug, summary }) =>
      summary.split('\n').map((text) => ({ id, head: slug, text, source: id })),
    ),
    ...NOTES.map(({ id, text }) => ({ id, head: '', text, source: id })),
  ];
}
