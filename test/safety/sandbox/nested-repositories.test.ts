import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NestedRepositories } from '../../../src/safety/sandbox/nested-repositories.ts';
import { bytesOf, nameOf, rawPath } from '../../../src/safety/sandbox/raw-path.ts';

describe('names', () => {
  test('any bytes become a text that becomes the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(bytesOf(nameOf(Buffer.from(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  test('what is UTF-8 is passed on as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect([nameOf(Buffer.from(text)), rawPath(text)]).toEqual([text, text]);
      }),
    );
  });
});

describe('NestedRepositories', () => {
  let base = '';
  let home = '';
  const at = (...names: string[]): string => path.join(base, ...names);
  const make = (...names: string[]): void => void mkdirSync(at(...names), { recursive: true });
  const searched = (): { workspaces: string[]; stops: string[] } => ({
    workspaces: [base],
    stops: [at('stop')],
  });
  const GENEROUS = { folders: 1_000, ms: 60_000 };

  beforeEach(() => {
    base = realpathSync(mkdtempSync('/var/tmp/oagent-nested-'));
    home = realpathSync(mkdtempSync('/var/tmp/oagent-home-'));
  });
  afterEach(() => {
    for (const folder of [base, home]) rmSync(folder, { recursive: true, force: true });
  });

  test('finds shallow ones first, but not those of the workspace itself, of folders not entered and behind links', () => {
    for (const folder of ['.git', '.oagent/x/.git', 'stop/.git', 'a/b/.git', 'z/.git']) make(folder);
    for (const name of ['HEAD', 'commondir']) {
      make('shape', name, '.git');
      make('almost', name === 'HEAD' ? name : 'objects');
    }
    writeFileSync(at('a/.git'), 'gitdir: elsewhere');
    const found = new NestedRepositories(home, GENEROUS).look(searched()).entries;
    expect([...found.slice(0, 3)].sort()).toEqual([at('a/.git'), at('shape'), at('z/.git')]);
    expect(found.slice(3)).toEqual([at('a/b/.git')]);
  });

  test('what a walk did not reach is said once', () => {
    make('a/b/c/.git');
    const repositories = new NestedRepositories(home, { folders: 2, ms: 60_000 });
    expect(repositories.look(searched()).entries).toEqual([]);
    repositories.begin();
    const problem = `there are too many folders to look for repositories in all (${at('a/b')} was not reached); commands can write the .git of some. Start oagent in a smaller folder.`;
    expect(repositories.end()).toEqual([problem]);
    repositories.begin();
    expect(repositories.end()).toEqual([]);
    rmSync(at('a'), { recursive: true });
    make('b/.git');
    expect(repositories.look(searched()).entries).toEqual([]);
  });

  test('what a walk did not reach is protected by the next one, although a command runs', () => {
    make('a/b/.git');
    make('x');
    const repositories = new NestedRepositories(home, { folders: 3, ms: 60_000 });
    expect(repositories.look(searched()).entries).toEqual([]);
    repositories.begin();
    rmSync(at('x'), { recursive: true });
    expect(repositories.look(searched()).entries).toEqual([at('a/b/.git')]);
  });

  test('what appears while a command runs is its own until somebody else moves it', () => {
    const repositories = new NestedRepositories(home, GENEROUS);
    make('a');
    repositories.look(searched());
    repositories.begin();
    make('a/new/.git');
    make('b/.git');
    expect(repositories.look(searched()).entries).toEqual([]);
    expect(repositories.end()).toEqual([]);
    expect(repositories.look(searched()).entries).toEqual([]);
    make('c/.git');
    renameSync(at('b'), at('moved'));
    expect([...repositories.look(searched()).entries].sort()).toEqual([at('c/.git'), at('moved/.git')]);
  });

  test('never throws, whatever is there', () => {
    const repositories = new NestedRepositories(home, GENEROUS);
    writeFileSync(at('file'), '');
    const folders = { workspaces: [at('file'), at('missing'), '/proc/1/root'], stops: [] };
    expect(repositories.look(folders).entries).toEqual([]);
  });
});
