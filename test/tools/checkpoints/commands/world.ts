/** A workspace with a session that keeps what commands change. A command is a function here: what starts it does not matter. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { Change } from '../../../../src/tools/checkpoints/change-log.ts';
import { CommandChanges } from '../../../../src/tools/checkpoints/commands/command-changes.ts';
import { changesOf, lastRewind, prepareRewind, restore } from '../../../../src/tools/checkpoints/restore.ts';
import type { RewindPlan } from '../../../../src/tools/checkpoints/rewind-plan.ts';
import { readTree, type Tree } from '../../apply-patch/support.ts';

export interface World {
  readonly root: string;
  readonly owner: { readonly home: string; readonly session: string; readonly cwd: string };
  readonly changes: CommandChanges;
  readonly warnings: string[];
  /** Absolute. */
  readonly at: (name: string) => string;
  readonly tree: () => Tree;
  /** A turn, and what its only command does. */
  readonly run: (command: () => void | Promise<void>) => Promise<void>;
  readonly log: () => readonly Change[];
  /** Takes back these changes, as far as that goes. */
  readonly takeBack: (changes: readonly Change[]) => Promise<RewindPlan>;
  readonly undo: () => Promise<RewindPlan>;
  /** The session goes on in another process. */
  readonly next: () => CommandChanges;
}

export function makeWorld(tree: Tree): World {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-commands-')));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const root = path.join(base, 'work');
  const owner = { home: path.join(base, 'home'), session: 'session', cwd: root };
  mkdirSync(owner.home, { mode: 0o700 });
  mkdirSync(root);
  for (const [name, text] of Object.entries(tree)) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    writeFileSync(path.join(root, name), text);
  }
  const warnings: string[] = [];
  const next = () => new CommandChanges(owner, (message) => warnings.push(message));
  const changes = next();
  onTestFinished(() => changes.close());
  const log = () => changesOf(owner);
  const takeBack = async (taken: readonly Change[]): Promise<RewindPlan> => {
    const prepared = prepareRewind(owner, taken, () => true);
    await restore(owner, prepared, log().length);
    return prepared.plan;
  };
  return {
    root,
    owner,
    changes,
    warnings,
    at: (name) => path.join(root, name),
    tree: () => readTree(root),
    run: async (command) => {
      const kept = await changes.begin([root], log().length + 1, new AbortController().signal);
      expect(kept).not.toBe(undefined);
      await command();
      await kept?.end();
    },
    log,
    takeBack,
    undo: () => takeBack(lastRewind(log()) ?? []),
    next,
  };
}

/** What was left alone, and why. */
export function refusals({ refused }: RewindPlan, { root }: World): unknown {
  return refused.map(({ path: file, kind }) => [path.relative(root, file), kind]);
}
