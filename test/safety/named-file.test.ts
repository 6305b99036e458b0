import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { NamedFile } from '../../src/safety/named-file.ts';

/** `ws`, where commands can write, `outside` with a file, and `way`, a link of the user's to `ws`. */
function world(): { readonly ws: string; readonly outside: string; readonly at: (name: string) => string } {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-named-')));
  onTestFinished(() => rmSync(base, { recursive: true, force: true }));
  const at = (name: string): string => path.join(base, name);
  for (const name of ['ws/sub', 'outside']) mkdirSync(at(name), { recursive: true });
  writeFileSync(at('outside/f'), 'theirs');
  symlinkSync('ws', at('way'));
  return { ws: at('ws'), outside: at('outside'), at };
}

test('a file is written anew or over, also where a link within the folders leads', () => {
  const { ws, at } = world();
  symlinkSync('sub', at('ws/link'));
  symlinkSync('sub/real', at('ws/name'));
  writeFileSync(at('ws/old'), 'something longer');
  writeFileSync(at('ws/sub/real'), '');
  for (const name of ['ws/new', 'ws/old', 'ws/link/new', 'ws/name', 'way/sub/x', 'outside/new']) {
    NamedFile.find(at(name), [ws]).write('text');
    expect([name, readFileSync(at(name), 'utf8')]).toEqual([name, 'text']);
  }
  expect(() => NamedFile.find(at('ws/new'), [ws]).write('text', true)).toThrow('EEXIST');
});

test('a link that a command may have put there does not lead out', () => {
  const { ws, outside, at } = world();
  symlinkSync('../outside/f', at('ws/f'));
  symlinkSync('../outside', at('ws/d'));
  symlinkSync('../outside/new', at('ws/dangling'));
  for (const name of ['ws/f', 'ws/d/f', 'ws/dangling', 'way/f', 'way/d/new', 'ws/sub/../d/f']) {
    expect(() => NamedFile.find(at(name), [ws])).toThrow(
      'a link in a folder where commands can write leads to',
    );
  }
  expect([readFileSync(path.join(outside, 'f'), 'utf8'), existsSync(path.join(outside, 'new'))]).toEqual([
    'theirs',
    false,
  ]);
});

test('what is put there after it was named is not followed', () => {
  const { ws, outside, at } = world();
  const file = NamedFile.find(at('ws/f'), [ws]);
  symlinkSync('../outside/f', at('ws/f'));
  expect(() => file.write('text')).toThrow('ELOOP');
  const below = NamedFile.find(at('ws/sub/f'), [ws]);
  renameSync(at('ws/sub'), at('ws/away'));
  symlinkSync('../outside', at('ws/sub'));
  expect(() => below.write('text')).toThrow('is not in its place any more');
  expect(readFileSync(path.join(outside, 'f'), 'utf8')).toBe('theirs');
});

test('a pipe is not waited for, a folder is none, and a loop of links ends', () => {
  const { ws, at } = world();
  execFileSync('mkfifo', [at('ws/pipe')]);
  symlinkSync('loop', at('ws/loop'));
  const problems = ['ws/pipe', 'ws/sub', 'ws/loop', 'ws/missing/f'].map((name) => {
    try {
      return NamedFile.find(at(name), [ws]).target;
    } catch (error) {
      return (error as Error).message.replace(/,.*/s, '');
    }
  });
  expect(problems).toEqual([
    'it is not a regular file',
    'it is a folder',
    'too many links',
    'ENOENT: no such file or directory',
  ]);
});

test('what stands for a terminal or a pipe of this process is written to', () => {
  NamedFile.find('/dev/null', ['/dev']).write('text');
  expect(execFileSync('cat', ['/dev/null'], { encoding: 'utf8' })).toBe('');
});
