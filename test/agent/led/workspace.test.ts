import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { listFiles, readText } from '../../../src/agent/led/workspace.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const never = new AbortController().signal;

async function folderWith(files: { readonly [name: string]: string | Buffer }): Promise<string> {
  const folder = await tempFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

describe('the listing', () => {
  test.each([
    true,
    false,
  ])('has what is neither ignored nor hidden, sorted (git: %s)', async (isRepository) => {
    const folder = await folderWith({
      '.gitignore': 'build/\n*.log\n!kept.log\n',
      '.env': 'SECRET=1',
      '.config/a.json': '{}',
      'build/out.js': '',
      'node.log': '',
      'kept.log': '',
      'src/z.py': '',
      'src/.gitignore': 'own.txt\n',
      'src/own.txt': '',
      'README.md': '',
      'a/b/c.txt': '',
    });
    if (isRepository) execFileSync('git', ['init', '-q'], { cwd: folder });
    expect(await listFiles(folder, never)).toEqual(['README.md', 'a/b/c.txt', 'kept.log', 'src/z.py']);
  });

  test('follows no links', async () => {
    const outside = await folderWith({ 'secret.txt': 'no' });
    const folder = await folderWith({ 'a.txt': '' });
    symlinkSync(outside, path.join(folder, 'out'));
    symlinkSync(path.join(outside, 'secret.txt'), path.join(folder, 'secret.txt'));
    symlinkSync('.', path.join(folder, 'round'));
    expect(await listFiles(folder, never)).toEqual(['a.txt']);
  });

  test('has names of every kind, but none that would be several or something else', async () => {
    const odd = [
      '-x.txt',
      'a b.txt',
      'größe.py',
      '日本.md',
      "it's.js",
      'tab\there.txt',
      'two\nlines.txt',
      ' first',
      'last ',
    ];
    const folder = await folderWith(Object.fromEntries(odd.map((name) => [name, ''])));
    // macOS takes no such name.
    if (process.platform === 'linux')
      writeFileSync(Buffer.concat([Buffer.from(`${folder}/no-utf8-`), Buffer.from([0xff])]), '');
    expect((await listFiles(folder, never)).toSorted()).toEqual(
      ['-x.txt', 'a b.txt', "it's.js", 'größe.py', '日本.md'].toSorted(),
    );
  });

  test('is cut where a folder has more than can be said, never within a name', async () => {
    const folder = await tempFolder();
    const made = new Set<string>();
    for (let at = 0; at < 10_000; at += 1) {
      const name = `ordner${at % 10}/größe-日本-${at}.txt`;
      if (at < 10) mkdirSync(path.join(folder, `ordner${at}`));
      writeFileSync(path.join(folder, name), '');
      made.add(name);
    }
    const files = await listFiles(folder, never);
    expect(files).toHaveLength(5_000);
    expect(files.filter((file) => !made.has(file))).toEqual([]);
  });

  test('is empty for a folder that is empty or not there, and ends with an interrupt', async () => {
    const folder = await tempFolder();
    expect(await listFiles(folder, never)).toEqual([]);
    expect(await listFiles(path.join(folder, 'none'), never)).toEqual([]);
    await expect(listFiles(folder, AbortSignal.abort())).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('the text of a file', () => {
  test('is as it is on the disk, without a byte order mark', async () => {
    const text = 'a\r\nb\n\n日本 😀';
    const folder = await folderWith({ 'a b.txt': `\uFEFF${text}`, empty: '' });
    expect([await readText(folder, 'a b.txt'), await readText(folder, 'empty')]).toEqual([text, '']);
  });

  test('is not there where nothing can be shown', async () => {
    const folder = await folderWith({
      'real.txt': 'x',
      'latin1.txt': Buffer.from([0x67, 0xfc, 0x6e]),
      'zero.bin': 'a\0b',
      'long.txt': 'x'.repeat(256 * 1024 + 1),
      'just.txt': 'x'.repeat(256 * 1024),
      'shut.txt': 'x',
    });
    symlinkSync('real.txt', path.join(folder, 'link.txt'));
    execFileSync('mkfifo', [path.join(folder, 'pipe')]);
    mkdirSync(path.join(folder, 'folder'));
    chmodSync(path.join(folder, 'shut.txt'), 0);
    const seen: string[] = [];
    for (const name of [
      ...['real.txt', 'latin1.txt', 'zero.bin', 'long.txt', 'just.txt', 'link.txt', 'pipe', 'folder', 'none'],
      ...(process.getuid?.() === 0 ? [] : ['shut.txt']),
      ...['real.txt/x', 'a\0b'],
    ])
      if ((await readText(folder, name)) !== undefined) seen.push(name);
    expect(seen).toEqual(['real.txt', 'latin1.txt', 'just.txt']);
  });
});
