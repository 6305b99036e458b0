/** When V8 begins to save memory. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { LARGE_SESSION, saveMemory } from '../../../src/cli/interactive/v8-memory.ts';
import type { Event } from '../../../src/protocol.ts';
import { answer, begins, delta, ends, user } from '../../support/tui-events.ts';

/** What happens in a process of so many bytes, and how many flags have been set after each event. */
function flagsAfter(steps: readonly (readonly [rss: number, event: Event])[], endsAfter = steps.length) {
  const listeners = new Set<(event: Event) => void>();
  const subscribe = (listener: (event: Event) => void): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  let now = 0;
  const flags: string[] = [];
  const stop = saveMemory({ subscribe }, { rss: () => now, setFlag: (flag) => flags.push(flag) });
  const counts = steps.map(([rss, event], at) => {
    now = rss;
    if (at === endsAfter) stop();
    for (const listener of listeners) listener(event);
    return flags.length;
  });
  return { counts, flags: [...new Set(flags)], isListening: listeners.size > 0 };
}

const said = answer('done');
const completed = ends(user('why?'));

test('once, when an item has ended in a large process', () => {
  expect(
    flagsAfter([
      [LARGE_SESSION - 1, completed],
      // A process is larger while something is written than after it.
      [LARGE_SESSION, begins(said)],
      [LARGE_SESSION, delta(said, 'done')],
      [LARGE_SESSION, completed],
      [LARGE_SESSION + 1, completed],
    ]),
  ).toEqual({ counts: [0, 0, 0, 1, 1], flags: ['--optimize-for-size'], isListening: false });
});

test('not after the session has ended', () => {
  expect(
    flagsAfter(
      [
        [1, completed],
        [LARGE_SESSION, completed],
      ],
      1,
    ),
  ).toEqual({ counts: [0, 0], flags: [], isListening: false });
});

test('V8 has the flag: of one that it does not know it only says so, where the view is', () => {
  expect(spawnSync(process.execPath, ['--optimize-for-size', '-e', '0']).status).toBe(0);
});
