import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { HeldFolder, HeldFolders, MovedError } from '../../src/system/held-folder.ts';

function world(): string {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-held-')));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  for (const name of ['d/sub', 'outside']) mkdirSync(path.join(base, name), { recursive: true });
  return base;
}

function hold(folder: string, isPinned: boolean): HeldFolder {
  const held = HeldFolder.open(folder, isPinned);
  onTestFinished(() => held.close());
  return held;
}

/** `d` becomes a link to `outside`; the folder itself is `moved`. */
function swap(base: string): void {
  renameSync(path.join(base, 'd'), path.join(base, 'moved'));
  symlinkSync('outside', path.join(base, 'd'));
}

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY } = constants;
const ways = process.platform === 'linux' ? [true, false] : [false];

describe.each(ways)('a held folder (by descriptor: %s)', (isPinned) => {
  it('makes, writes, renames and removes what is in it', () => {
    const base = world();
    const held = hold(path.join(base, 'd'), isPinned);
    held.makeFolder('new');
    const file = held.open('f', O_WRONLY | O_CREAT | O_EXCL, 0o600);
    writeSync(file, 'text');
    closeSync(file);
    const sub = held.folder('sub');
    held.rename('f', 'g', sub);
    sub.close();
    held.removeFolder('new');
    expect(readFileSync(path.join(base, 'd/sub/g'), 'utf8')).toBe('text');
    expect(existsSync(path.join(base, 'd/new'))).toBe(false);
  });

  it('is not opened through a link, wherever it is', () => {
    const base = world();
    symlinkSync('d', path.join(base, 'link'));
    expect(() => HeldFolder.open(path.join(base, 'link/sub'), isPinned)).toThrow(MovedError);
    expect(() => HeldFolder.open(path.join(base, 'link'), isPinned)).toThrow(MovedError);
    const held = hold(base, isPinned);
    expect(() => held.folder('link')).toThrow(MovedError);
  });

  it('does not follow a link at the end, nor wait for a pipe, nor take anything but a name', () => {
    const base = world();
    const held = hold(path.join(base, 'd'), isPinned);
    writeFileSync(path.join(base, 'outside/f'), '');
    symlinkSync('../outside/f', path.join(base, 'd/link'));
    execFileSync('mkfifo', [path.join(base, 'd/pipe')]);
    expect(() => held.open('link', O_RDONLY)).toThrow('ELOOP');
    expect(() => held.open('pipe', O_WRONLY)).toThrow('ENXIO');
    for (const name of ['', '.', '..', '../outside/f', 'sub/x']) {
      expect(() => held.open(name, O_RDONLY)).toThrow('is not a name in a folder');
    }
  });

  it('notices that something else is in its place', () => {
    const base = world();
    const held = hold(path.join(base, 'd'), isPinned);
    swap(base);
    expect(() => held.requireInPlace()).toThrow(MovedError);
    rmSync(path.join(base, 'd'));
    mkdirSync(path.join(base, 'd'));
    expect(() => held.requireInPlace()).toThrow(MovedError);
  });
});

describe('a held folder whose name leads elsewhere now', () => {
  const write = (held: HeldFolder): void => closeSync(held.open('f', O_WRONLY | O_CREAT | O_EXCL, 0o600));

  it.runIf(process.platform === 'linux')('by descriptor: is still the one that is written to', () => {
    const base = world();
    const held = hold(path.join(base, 'd'), true);
    swap(base);
    write(held);
    expect(['moved/f', 'outside/f'].map((file) => existsSync(path.join(base, file)))).toEqual([true, false]);
  });

  it('by path: is not written to', () => {
    const base = world();
    const held = hold(path.join(base, 'd'), false);
    swap(base);
    expect(() => write(held)).toThrow(MovedError);
    expect(['moved/f', 'outside/f'].map((file) => existsSync(path.join(base, file)))).toEqual([false, false]);
  });
});

describe('HeldFolders', () => {
  it('makes what is missing and takes away what is empty of it', () => {
    const base = world();
    const folders = new HeldFolders();
    onTestFinished(() => folders.close());
    folders.make(path.join(base, 'd/a/b'));
    folders.make(path.join(base, 'd/a/c'));
    writeFileSync(path.join(base, 'd/a/c/kept'), '');
    folders.removeMade();
    expect(['d/a/b', 'd/a/c', 'd/sub'].map((name) => existsSync(path.join(base, name)))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('makes nothing through a link', () => {
    const base = world();
    const folders = new HeldFolders();
    onTestFinished(() => folders.close());
    symlinkSync('../outside', path.join(base, 'd/link'));
    expect(() => folders.make(path.join(base, 'd/link/x/y'))).toThrow(MovedError);
    expect(() => folders.make(path.join(base, 'd/link'))).toThrow(MovedError);
    expect(existsSync(path.join(base, 'outside/x'))).toBe(false);
  });
});
