/** Any sequence of changes, edits of somebody else's and rewinds: what is restored is what was, and what others wrote is never lost. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { contentHash } from '../../../src/config/project-file.ts';
import type { Change, FileState } from '../../../src/tools/checkpoints/change-log.ts';
import { isSameContent, planRewind } from '../../../src/tools/checkpoints/rewind-plan.ts';

const ABSENT: FileState = { kind: 'absent' };
const UNKNOWN: FileState = { kind: 'unknown' };
const PATHS = ['/w/a', '/w/b', '/w/c'] as const;

const state = fc.oneof(
  fc.constant(ABSENT),
  fc
    .record({ text: fc.constantFrom('1', '2', '3', '4'), mode: fc.constantFrom(0o644, 0o755) })
    .map(({ text, mode }): FileState => ({ kind: 'file', sha256: contentHash(Buffer.from(text)), mode })),
);
const path = fc.constantFrom(...PATHS);
/** `end`: an unsure change may have been made, or not. */
const action = fc.oneof(
  fc.record({
    kind: fc.constant('change' as const),
    files: fc.uniqueArray(fc.record({ path, after: state }), { selector: (file) => file.path, minLength: 1 }),
    end: fc.constantFrom('made', 'unsure and made', 'unsure and not made'),
    notKept: fc.constantFrom('none', 'none', 'before', 'after'),
  }),
  fc.record({ kind: fc.constant('foreign' as const), path, to: state }),
  fc.record({ kind: fc.constant('rewind' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
);

test('a rewind restores what was recorded, or refuses, and never overwrites what others wrote', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 14 }), (actions) => {
      const disk = new Map<string, FileState>(PATHS.map((one) => [one, ABSENT]));
      const at = (one: string): FileState => disk.get(one) ?? ABSENT;
      const log: Change[] = [];
      /** The disk before each change. */
      const worlds: Map<string, FileState>[] = [];
      let foreign: { readonly path: string; readonly pos: number; readonly wrote: FileState }[] = [];
      const touches = (change: Change, one: string): boolean =>
        change.files.some((file) => file.path === one);
      const write = (change: Omit<Change, 'id' | 'item'>, isMade: boolean): void => {
        worlds.push(new Map(disk));
        log.push({ ...change, id: `${log.length}`, item: log.length + 1 });
        if (isMade) for (const file of change.files) disk.set(file.path, file.after);
      };
      for (const one of actions) {
        if (one.kind === 'foreign') {
          // What they have replaced themselves is not lost by oagent.
          foreign = foreign.filter(
            (edit) =>
              edit.path !== one.path || log.slice(edit.pos).some((change) => touches(change, edit.path)),
          );
          foreign.push({ path: one.path, pos: log.length, wrote: one.to });
          disk.set(one.path, one.to);
        } else if (one.kind === 'change') {
          const files = one.files.map((file) => ({ ...file, before: at(file.path) }));
          write({ by: 'patch', files, isSure: one.end === 'made' }, one.end !== 'unsure and not made');
          const known = log.at(-1);
          if (one.notKept !== 'none' && known !== undefined)
            log[log.length - 1] = {
              ...known,
              files: files.map((file) => ({ ...file, [one.notKept]: UNKNOWN })),
            };
        } else {
          const from = Math.floor(one.share * log.length);
          const before = new Map(disk);
          const plan = planRewind(log.slice(from), { now: at, has: () => true, mayWrite: () => true });
          const touched = new Set(log.slice(from).flatMap(({ files }) => files.map((file) => file.path)));
          const named = [...plan.steps, ...plan.refused].map((step) => step.path).concat(plan.same);
          expect(named.toSorted()).toEqual([...touched].toSorted());
          for (const step of plan.steps) {
            // The state before the first of its changes that is taken back.
            const first = log.findIndex(
              ({ files }, index) => index >= from && files.some((file) => file.path === step.path),
            );
            expect(step.to).toEqual(worlds[first]?.get(step.path));
            expect(step.from).toEqual(before.get(step.path));
            // Nothing that somebody else has written since, unless it is what oagent had there itself.
            for (const { pos, wrote } of foreign.filter(
              (edit) => edit.path === step.path && edit.pos > first,
            )) {
              const known = log
                .slice(0, pos)
                .flatMap(({ files }) => files.filter((file) => file.path === step.path));
              const states = known.flatMap(({ before: b, after }) => [b, after]);
              expect(states.some((known) => isSameContent(known, wrote))).toBe(true);
            }
          }
          const files = plan.steps.map(({ path: file, from: b, to }) => ({
            path: file,
            before: b,
            after: to,
          }));
          write({ by: 'rewind', files, isSure: true }, true);
          // Taken back at once: all is as it was.
          const undo = planRewind(log.slice(-1), { now: at, has: () => true, mayWrite: () => true });
          const back = new Map(disk);
          for (const step of undo.steps) back.set(step.path, step.to);
          expect([undo.refused, back]).toEqual([[], before]);
        }
      }
    }),
    { numRuns: 3_000 },
  );
});

const file = (text: string, mode = 0o644): FileState => ({
  kind: 'file',
  sha256: contentHash(Buffer.from(text)),
  mode,
});
const change = (before: FileState, after: FileState, isSure = true): Change => ({
  id: `${JSON.stringify(before)}${JSON.stringify(after)}`,
  item: 2,
  by: 'patch',
  files: [{ path: '/w/a', before, after }],
  isSure,
});
const plan = (changes: readonly Change[], now: FileState | undefined, present = {}) =>
  planRewind(changes, { now: () => now, has: () => true, mayWrite: () => true, ...present });

test('each reason to leave a file alone', () => {
  const once = [change(file('1'), file('2'))];
  const kinds = [
    plan(once, file('3')),
    plan([...once, change(file('3'), file('4'))], file('4')),
    // Somebody has put back what oagent had there before.
    plan([...once, change(file('2'), file('3'))], file('2')),
    plan([...once, change(file('1'), file('3'))], file('3')),
    plan(once, undefined),
    plan(once, file('2'), { has: () => false }),
    plan([change({ kind: 'link', to: 'x' }, file('2'))], file('2')),
    plan(once, file('2'), { mayWrite: () => false }),
    plan([change(UNKNOWN, file('2'))], file('2')),
    plan([change(file('1'), UNKNOWN)], file('2')),
    plan([change(file('1'), { kind: 'unknown', isLate: true })], file('2')),
  ].map(({ steps, refused }) => [steps.length, ...refused.map(({ kind }) => kind)]);
  expect(kinds).toEqual([
    [0, 'changed'],
    [0, 'changed_between'],
    [0, 'changed'],
    [0, 'changed_between'],
    [0, 'unreadable'],
    [0, 'forgotten'],
    [0, 'link'],
    [0, 'forbidden'],
    [0, 'not_kept'],
    [0, 'unclear'],
    [0, 'late'],
  ]);
});

test('a change that was not confirmed may not have been made; a mode alone is put back too', () => {
  const unsure = [change(file('1'), file('2')), change(file('2'), file('3'), false)];
  expect([
    plan(unsure, file('2')).steps,
    plan(unsure, file('3')).steps,
    plan(unsure, file('4')).steps,
  ]).toEqual([
    [{ path: '/w/a', from: file('2'), to: file('1') }],
    [{ path: '/w/a', from: file('3'), to: file('1') }],
    [],
  ]);
  const mode = [change(file('1', 0o755), file('1', 0o644))];
  expect(plan(mode, file('1')).steps).toEqual([{ path: '/w/a', from: file('1'), to: file('1', 0o755) }]);
  expect(plan(mode, file('1', 0o755)).same).toEqual(['/w/a']);
});
