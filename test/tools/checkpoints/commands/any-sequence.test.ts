/** Any sequence of patches, commands, edits of somebody else's, rewinds and undos: own work is put back, nothing foreign is lost. */
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyPlan } from '../../../../src/tools/apply-patch/apply.ts';
import { planPatch } from '../../../../src/tools/apply-patch/plan.ts';
import { keepChange } from '../../../../src/tools/checkpoints/record.ts';
import type { RewindPlan } from '../../../../src/tools/checkpoints/rewind-plan.ts';
import { makeWorld, type World } from './world.ts';

const NAMES = ['a', 'b', 'd/c', 'd/e/f', 'ignored'] as const;
const name = fc.constantFrom(...NAMES);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('write', 'append', 'replace'), name }) },
  fc.record({ kind: fc.constantFrom('remove', 'chmod'), name }),
  fc.record({ kind: fc.constant('move'), name, to: name }),
);
const action = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ by: fc.constant('command'), steps: fc.array(step, { maxLength: 4 }) }),
  },
  { weight: 2, arbitrary: fc.record({ by: fc.constant('patch'), steps: fc.array(step, { maxLength: 1 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ by: fc.constant('foreign'), steps: fc.array(step, { maxLength: 1 }) }),
  },
  fc.record({ by: fc.constant('rewind'), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
);
type Step = { readonly kind: string; readonly name: string; readonly to?: string };
type Disk = ReadonlyMap<string, string>;

function readDisk({ at }: World): Disk {
  const disk = new Map<string, string>();
  for (const one of NAMES) {
    try {
      disk.set(one, readFileSync(at(one), 'utf8'));
    } catch {
      // It is absent.
    }
  }
  return disk;
}

function perform({ at }: World, { kind, name: from, to = '' }: Step, text: string): void {
  const file = at(from);
  mkdirSync(path.dirname(file), { recursive: true });
  try {
    if (kind === 'write') writeFileSync(file, text);
    if (kind === 'append') writeFileSync(file, text, { flag: 'a' });
    if (kind === 'replace') {
      writeFileSync(`${file}.tmp`, text);
      renameSync(`${file}.tmp`, file);
    }
    if (kind === 'remove') rmSync(file);
    if (kind === 'chmod') chmodSync(file, 0o755);
    if (kind === 'move') {
      mkdirSync(path.dirname(at(to)), { recursive: true });
      renameSync(file, at(to));
    }
  } catch {
    // There is nothing to remove or to move.
  }
}

async function patch({ owner, root, log }: World, { kind, name: file }: Step, text: string): Promise<void> {
  const isThere = readDiskFile(path.join(root, file));
  if (kind === 'remove' && !isThere) return;
  const op =
    kind === 'remove'
      ? { kind: 'delete' as const, path: file }
      : { kind: 'add' as const, path: file, content: text };
  const plan = await planPatch({ ops: [op] } as never, root);
  const kept = keepChange(owner, { item: log().length + 1, by: 'patch' }, plan.files);
  await applyPlan(plan, undefined);
  kept.made();
}

function readDiskFile(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch {
    return false;
  }
}

test('own work is put back or refused, and nothing foreign is overwritten', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 2, maxLength: 7 }), async (actions) => {
      const world = makeWorld({ '.gitignore': 'ignored\n', a: 'a', 'd/c': 'c', ignored: 'secret' });
      /** The disk before each line of the log, and which paths somebody else has changed after it. */
      const before: Disk[] = [];
      const foreignAfter: Set<string>[] = [];
      /** As somebody else left it, and nobody has touched it since. */
      const foreign = new Map<string, string | undefined>();
      const own = async (work: () => Promise<unknown>): Promise<void> => {
        const disk = readDisk(world);
        await work();
        const now = readDisk(world);
        for (const one of NAMES) if (disk.get(one) !== now.get(one)) foreign.delete(one);
        while (before.length < world.log().length) {
          before.push(disk);
          foreignAfter.push(new Set());
        }
      };
      const inOrder = (plan: RewindPlan, from: number, disk: Disk): void => {
        const now = readDisk(world);
        for (const [one, text] of foreign) expect([one, now.get(one)]).toEqual([one, text]);
        const taken = world.log().slice(from, before.length);
        const refused = new Set(plan.refused.map((file) => path.relative(world.root, file.path)));
        for (const one of NAMES) {
          const first = taken.findIndex(({ files }) => files.some((file) => file.path === world.at(one)));
          if (first === -1 || refused.has(one)) expect([one, now.get(one)]).toEqual([one, disk.get(one)]);
          else expect([one, now.get(one)]).toEqual([one, before[from + first]?.get(one)]);
          const isTouched = first >= 0 && foreignAfter.slice(from + first).some((paths) => paths.has(one));
          // What is ignored is not kept; all else is.
          if (refused.has(one) && one !== 'ignored')
            expect(isTouched || isFromIgnored(world, one)).toBe(true);
        }
      };
      for (const [number, one] of actions.entries()) {
        if ('share' in one) {
          const from = Math.floor(one.share * world.log().length);
          const disk = readDisk(world);
          const plan = await world.takeBack(world.log().slice(from));
          inOrder(plan, from, disk);
          if (plan.steps.length === 0) continue;
          await world.undo();
          expect(readDisk(world)).toEqual(disk);
          while (before.length < world.log().length) {
            before.push(disk);
            foreignAfter.push(new Set());
          }
        } else if (one.by === 'foreign') {
          for (const step of one.steps) {
            const disk = readDisk(world);
            perform(world, step, `foreign ${number}`);
            const now = readDisk(world);
            for (const file of NAMES) {
              if (disk.get(file) === now.get(file)) continue;
              foreign.set(file, now.get(file));
              for (const after of foreignAfter) after.add(file);
            }
          }
        } else if (one.by === 'patch') {
          for (const step of one.steps) await own(() => patch(world, step, `patch ${number}`));
        } else
          await own(() =>
            world.run(() => {
              for (const [at, step] of one.steps.entries()) perform(world, step, `command ${number}.${at}`);
            }),
          );
      }
      world.changes.close();
    }),
    { numRuns: Number(process.env.OAGENT_SEQUENCES ?? 40) },
  );
}, 120_000);

/** A command has moved the ignored file there: where it was is not kept. */
function isFromIgnored(world: World, name: string): boolean {
  return world
    .log()
    .some(({ files }) =>
      files.some(
        (file) => file.path === world.at(name) && [file.before.kind, file.after.kind].includes('unknown'),
      ),
    );
}
