/**
 * The figures of the index as Markdown, beside the targets.
 *
 * Owns: these targets. Does not: measure (index-speed.ts).
 */
import type { IndexFigures } from './index-speed.ts';
import { count, judged, mb, ms, table, type Verdict } from './report-table.ts';

/** Up to so many chunks a search has to be fast; beyond them it may take longer. */
const FEW_CHUNKS = 30_000;

/** Judges what has a target. */
export function indexVerdicts(figures: IndexFigures) {
  const { bytes, chunks, coldMs, firstSearchMs, heldMs, searchMs, injectMs } = figures;
  const speed = bytes / 1e3 / coldMs;
  const searchAim = chunks <= FEW_CHUNKS ? 60 : 150;
  const watcher = figures.watcherBytes / 1e6;
  const below = (name: string, value: number, most: number): Verdict => ({
    name: `index: ${name}`,
    value,
    target: `< ${count(most)}`,
    met: value < most,
  });
  return {
    first: below('first search from start, ms', firstSearchMs, 3_000),
    cold: { name: 'index: cold, MB/s', value: speed, target: '>= 3', met: speed >= 3 },
    held: below('calling thread works at most, ms', heldMs, 16),
    search: below('search p50, ms', searchMs.p50, searchAim),
    inject: below('injection p50, ms', injectMs.p50, 100),
    saved: below('save to found, ms', figures.savedMs, 300),
    created: below('new file to found, ms', figures.createdMs, 300),
    watcher: below('watcher, MB', watcher, 20),
    idle: { name: 'index: idle, CPU ms', value: figures.idleCpuMs, target: '0', met: figures.idleCpuMs < 5 },
  } satisfies { [figure: string]: Verdict };
}

/** The section "The index". */
export function indexReport(figures: IndexFigures): string {
  const verdicts = indexVerdicts(figures);
  const { searchMs, injectMs } = figures;
  const pair = ({ p50, p95 }: { readonly p50: number; readonly p95: number }): string =>
    `${ms(p50)} / ${ms(p95)}`;
  const rows = [
    ['first search from the start of the thread, ms', ms(figures.firstSearchMs), ...judged(verdicts.first)],
    ['… hits', count(figures.firstHits)],
    ['cold, MB/s', verdicts.cold.value.toFixed(2), ...judged(verdicts.cold)],
    ['… all files, s', (figures.coldMs / 1_000).toFixed(1)],
    ['… MB per second of processor time', (figures.bytes / 1e3 / figures.coldCpuMs).toFixed(2)],
    ['… a search at half of it, ms', ms(figures.meanwhileMs)],
    ['calling thread works without a pause at most, ms', ms(figures.heldMs), ...judged(verdicts.held)],
    ['search p50 / p95, ms', pair(searchMs), ...judged(verdicts.search)],
    ['injection p50 / p95, ms', pair(injectMs), ...judged(verdicts.inject)],
    ['save to found, ms', ms(figures.savedMs), ...judged(verdicts.saved)],
    ['new file to found, ms', ms(figures.createdMs), ...judged(verdicts.created)],
    ['all files looked at, none changed, ms', ms(figures.checkedMs)],
    [
      `watcher of ${count(figures.watches)} folders, MB`,
      mb(figures.watcherBytes),
      ...judged(verdicts.watcher),
    ],
    ['idle 3 s, CPU ms', ms(figures.idleCpuMs), ...judged(verdicts.idle)],
    ['process over its start, MB', mb(figures.bytesHeld)],
  ];
  return [
    `The index, ${count(figures.files)} files of ${(figures.bytes / 1e6).toFixed(1)} MB, ${count(figures.chunks)} chunks, keywords only:`,
    '',
    table(['', 'oagent', 'target', ''], rows),
    '',
    '- Questions: five words of which each stands in a part of all files. An injection packs what it found, too.',
    '- Save and new file: the middle of five, from the end of the write to the first answer with it.',
  ].join('\n');
}
