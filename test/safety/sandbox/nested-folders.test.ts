import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FolderWatches } from '../../../src/safety/sandbox/folder-watches.ts';
import { NestedFolders } from '../../../src/safety/sandbox/nested-folders.ts';

const LIMITS = { folders: 10_000, ms: 60_000 };

/** Asks as a session does: a walk is compared with that of somebody who has never been there. */
class Asker implements Disposable {
  readonly #tops: readonly string[];
  readonly #watches: FolderWatches;
  readonly #folders: NestedFolders;
  #known: readonly string[] = [];

  constructor(tops: readonly string[], home: string, watches = new FolderWatches(home)) {
    this.#tops = tops;
    this.#watches = watches;
    this.#folders = new NestedFolders(LIMITS, this.#watches);
  }

  watch(): Promise<void> {
    return this.#folders.watch();
  }

  async ask(): Promise<{ isQuiet: boolean; found: readonly string[] }> {
    const isWhole = await this.#watches.settle();
    if (!isWhole) this.#folders.distrust();
    const walk = this.#folders.walk(this.#tops, new Set(this.#tops));
    if (walk !== undefined) this.#known = walk.found.map(({ file }) => file).sort();
    return { isQuiet: walk === undefined, found: this.#known };
  }

  /** Asks until all is watched and nothing more is reported. */
  async quiet(): Promise<void> {
    do await this.watch();
    while (!(await this.ask()).isQuiet);
  }

  [Symbol.dispose](): void {
    this.#folders.close();
  }
}

/** The folder, or one above it, is exchanged with another one before its watch begins, and back again after that. */
class ExchangedMeanwhile extends FolderWatches {
  readonly #folder: string;
  readonly #pair: readonly [string, string];
  isDone = false;

  constructor(home: string, folder: string, ...pair: [string, string]) {
    super(home);
    this.#folder = folder;
    this.#pair = pair;
  }

  override watch(...args: Parameters<FolderWatches['watch']>): ReturnType<FolderWatches['watch']> {
    if (args[0] !== this.#folder || this.isDone) return super.watch(...args);
    this.isDone = true;
    exchange(...this.#pair);
    const watch = super.watch(...args);
    exchange(...this.#pair);
    return watch;
  }
}

function exchange(one: string, other: string): void {
  renameSync(one, `${one}.x`);
  renameSync(other, one);
  renameSync(`${one}.x`, other);
}

describe.runIf(process.platform === 'linux')('watched folders', () => {
  let base = '';
  let home = '';
  const at = (...names: string[]): string => path.join(base, ...names);
  const make = (...names: string[]): void => void mkdirSync(at(...names), { recursive: true });

  beforeEach(() => {
    base = realpathSync(mkdtempSync('/var/tmp/oagent-nested-'));
    home = realpathSync(mkdtempSync('/var/tmp/oagent-home-'));
  });
  afterEach(() => {
    for (const folder of [base, home]) rmSync(folder, { recursive: true, force: true });
  });

  test('are not looked at again until something is reported', async () => {
    make('a/b/c');
    make('d');
    using asker = new Asker([base], home);
    expect(await asker.ask()).toEqual({ isQuiet: false, found: [] });
    await asker.quiet();
    writeFileSync(at('a/b/c/file'), 'text');
    expect(await asker.ask()).toEqual({ isQuiet: false, found: [] });
    writeFileSync(at('a/b/c/file'), 'other text');
    expect(await asker.ask()).toEqual({ isQuiet: true, found: [] });
    // What is protected in the workspace itself comes and goes with each command.
    make('.agents');
    rmSync(at('.agents'), { recursive: true });
    expect(await asker.ask()).toEqual({ isQuiet: true, found: [] });
    make('a/b/c/new/.git');
    make('d/.git');
    expect(await asker.ask()).toEqual({ isQuiet: false, found: [at('a/b/c/new/.git'), at('d/.git')] });
    expect(readdirSync(home)).toEqual([]);
  });

  test('a folder that was replaced, with one above it or back again, is not taken for the watched one', async () => {
    for (const folder of ['a/b/c', 'other/b/c']) make(folder);
    using asker = new Asker([base], home);
    await asker.ask();
    await asker.quiet();
    renameSync(at('a'), at('x'));
    renameSync(at('other'), at('a'));
    make('a/b/c/.git');
    make('x/b/c/.git');
    expect((await asker.ask()).found).toEqual([at('a/b/c/.git'), at('x/b/c/.git')]);
    await asker.quiet();
    renameSync(at('a'), at('y'));
    renameSync(at('x'), at('a'));
    renameSync(at('y'), at('x'));
    rmSync(at('x/b/c/.git'), { recursive: true });
    expect((await asker.ask()).found).toEqual([at('a/b/c/.git')]);
  });

  test('what happens before a watch begins is seen', async () => {
    make('a/b');
    using asker = new Asker([base], home);
    await asker.ask();
    make('a/b/.git');
    await asker.watch();
    expect((await asker.ask()).found).toEqual([at('a/b/.git')]);
  });

  test.each(['a', 'a/b'])('%s is another folder in the moment in which its watch begins', async (moved) => {
    for (const folder of ['a/b', 'other/b']) make(folder);
    const watches = new ExchangedMeanwhile(home, at('a/b'), at(moved), at('other'));
    using asker = new Asker([base], home, watches);
    await asker.ask();
    await asker.quiet();
    expect(watches.isDone).toBe(true);
    make('a/b/.git');
    expect((await asker.ask()).found).toEqual([at('a/b/.git')]);
  });

  test('the top itself is replaced', async () => {
    make('top/a/b');
    make('other/a/b');
    using asker = new Asker([at('top')], home);
    await asker.ask();
    await asker.quiet();
    renameSync(at('top'), at('away'));
    renameSync(at('other'), at('top'));
    make('top/a/b/.git');
    expect((await asker.ask()).found).toEqual([at('top/a/b/.git')]);
  });

  test.each([0, 3])('more reports than the system keeps are noticed, after %i turns', async (turns) => {
    make('a');
    make('b');
    using asker = new Asker([base], home);
    await asker.ask();
    await asker.quiet();
    // Nothing is read meanwhile, as this process waits for it.
    const script = 'touch a/1 a/2; chmod 600 $(yes "a/1 a/2" | head -n 9000); mkdir b/.git';
    execFileSync('/bin/bash', ['-c', script], { cwd: base });
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
    expect((await asker.ask()).found).toEqual([at('b/.git')]);
  });

  test('without a folder for its own file nothing is watched, and all is found', async () => {
    make('a');
    using asker = new Asker([base], path.join(home, 'missing'));
    await asker.ask();
    await asker.watch();
    await asker.ask();
    expect((await asker.ask()).isQuiet).toBe(false);
    make('a/.git');
    expect((await asker.ask()).found).toEqual([at('a/.git')]);
  });

  test('nothing is taken for watched after the end', async () => {
    make('a');
    const asker = new Asker([base], home);
    await asker.ask();
    await asker.quiet();
    asker[Symbol.dispose]();
    make('a/.git');
    expect((await asker.ask()).found).toEqual([at('a/.git')]);
  });

  const name = fc.constantFrom('a', 'b', '.git', 'HEAD', 'objects', 'refs');
  const place = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/'));
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom('folder', 'file', 'link', 'remove', 'close', 'open'), to: place }),
    fc.record({ kind: fc.constantFrom('move', 'exchange'), to: place, from: place }),
    fc.record({ kind: fc.constantFrom('ask', 'watch', 'begin watching', 'turn') }),
  );
  type Step = { kind: string; to?: string; from?: string };

  /** What cannot be done is left out. */
  const act = ({ kind, to = '', from = '' }: Step): void => {
    try {
      if (kind === 'folder') make(to);
      if (kind === 'file') writeFileSync(at(to), 'gitdir: x');
      // Nothing leads out of here.
      if (kind === 'link') symlinkSync(base, at(to));
      if (kind === 'remove') rmSync(at(to), { recursive: true });
      if (kind === 'close') chmodSync(at(to), 0);
      if (kind === 'open') chmodSync(at(to), 0o755);
      if (kind === 'move') renameSync(at(from), at(to));
      if (kind === 'exchange') exchange(at(from), at(to));
    } catch {}
  };

  test('whatever happens, what is found is what somebody finds who has never been there', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps: readonly Step[]) => {
        rmSync(base, { recursive: true, force: true });
        mkdirSync(base);
        using asker = new Asker([base], home);
        await asker.ask();
        await asker.watch();
        for (const one of [...steps, { kind: 'ask' }]) {
          act(one);
          if (one.kind === 'turn') await nextTurn();
          if (one.kind === 'watch') await asker.watch();
          if (one.kind === 'begin watching') void asker.watch();
          if (one.kind !== 'ask') continue;
          const { found } = await asker.ask();
          using stranger = new Asker([base], home);
          expect(found).toEqual((await stranger.ask()).found);
        }
      }),
      { numRuns: 300 },
    );
  });
});
