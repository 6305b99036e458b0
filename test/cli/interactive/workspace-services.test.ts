import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  copyToClipboard,
  listFiles,
  openEditor,
  writeExport,
} from '../../../src/cli/interactive/workspace-services.ts';
import { tempFolder } from '../../support/temp-folder.ts';

async function all(cwd: string): Promise<string[]> {
  const files: string[] = [];
  for await (const batch of listFiles(cwd, new AbortController().signal)) files.push(...batch);
  return files.toSorted();
}

/** A program of the test on a PATH of its own. With that folder as the home it is the user's own, though a temporary one. */
function program(folder: string, name: string, script: string): NodeJS.ProcessEnv {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, OAGENT_HOME: path.join(folder, '.oagent') };
}

test('files are listed with hidden ones and odd names, without .git and what is ignored', async () => {
  const cwd = await tempFolder();
  for (const dir of ['.git/hooks', 'sub', '.hidden']) mkdirSync(path.join(cwd, dir), { recursive: true });
  const files = ['.git/hooks/x', 'sub/a b', '.hidden/c', 'new\nline', 'drop.log', 'ünï'];
  for (const file of files) writeFileSync(path.join(cwd, file), '');
  writeFileSync(path.join(cwd, '.gitignore'), '*.log\n');
  expect(await all(cwd)).toEqual(['.gitignore', '.hidden/c', 'new\nline', 'sub/a b', 'ünï']);
});

test('a walk that is not wanted any more ends, without an error', async () => {
  const cwd = await tempFolder();
  for (let index = 0; index < 3_000; index += 1) writeFileSync(path.join(cwd, `file-${index}`), '');
  const controller = new AbortController();
  let batches = 0;
  for await (const batch of listFiles(cwd, controller.signal)) {
    batches += Math.min(batch.length, 1);
    controller.abort();
  }
  expect(batches).toBe(1);
  for await (const _ of listFiles(cwd, controller.signal)) throw new Error('it went on');
  for await (const _ of listFiles(cwd, new AbortController().signal)) break;
});

test('a folder that is not there is an error in words', async () => {
  await expect(all('/no/such/folder')).rejects.toThrow(
    'the files cannot be listed: ripgrep could not be started',
  );
});

test('the editor gets the text in a file, with its flags, and gives it back', async () => {
  const folder = await tempFolder();
  const seen = path.join(folder, 'seen');
  const home = path.join(folder, 'new/home');
  const env = program(
    folder,
    'ed',
    `echo "$1 \${2#${home}/edit-??????/}" > ${seen}; printf 'more\\n\\n' >> "$2"`,
  );
  expect(
    await openEditor('text\n', { cwd: '/', home }, { ...env, EDITOR: 'nope', VISUAL: 'ed --wait' }),
  ).toBe('text\nmore');
  expect(readFileSync(seen, 'utf8')).toBe('--wait prompt.md\n');
});

test('no editor of the project is started, whatever PATH says', async () => {
  const cwd = await tempFolder();
  const own = await tempFolder();
  program(cwd, 'ed', 'echo theirs > "$1"');
  const env = program(own, 'ed', 'echo mine > "$1"');
  expect(
    await openEditor('x', { cwd, home: own }, { ...env, PATH: `${cwd}:.:${env.PATH}`, EDITOR: 'ed' }),
  ).toBe('mine');
});

test('an editor that fails leaves the text, and no file', async () => {
  const folder = await tempFolder();
  const env = { ...program(folder, 'ed', 'exit 1'), EDITOR: 'ed' };
  const home = await tempFolder();
  await expect(openEditor('x', { cwd: '/', home }, env)).rejects.toThrow(
    'the editor (ed) failed; the text is unchanged',
  );
  expect(readdirSync(home)).toEqual([]);
});

test.skipIf(process.platform === 'darwin')(
  'a clipboard program that does not end is not waited for',
  async () => {
    const folder = await tempFolder();
    const env = {
      ...program(folder, 'xclip', 'cat > /dev/null; sleep 60'),
      ...program(folder, 'xsel', 'sleep 60'),
      DISPLAY: ':0',
    };
    expect(await copyToClipboard('x'.repeat(200_000), '/', env)).toBe(false);
  },
);

test.skipIf(process.platform === 'darwin')('the first program that takes the text has it', async () => {
  const folder = await tempFolder();
  const out = path.join(folder, 'clip');
  const env = {
    ...program(folder, 'wl-copy', 'exit 1'),
    ...program(folder, 'xsel', `cat > ${out}; (sleep 5) &`),
    WAYLAND_DISPLAY: 'w',
    DISPLAY: ':0',
  };
  expect(await copyToClipboard('häß'.repeat(50_000), '/', env)).toBe(true);
  expect(readFileSync(out, 'utf8')).toBe('häß'.repeat(50_000));
  expect(await copyToClipboard('x', '/', { PATH: folder })).toBe(false);
  expect(await copyToClipboard('x', '/', { PATH: '/no/such', DISPLAY: ':0', WAYLAND_DISPLAY: 'w' })).toBe(
    false,
  );
});

test('an export is a new file, never an overwritten one', async () => {
  const file = path.join(await tempFolder(), 'out.md');
  expect(await writeExport('# a', file, [])).toBe(file);
  await expect(writeExport('b', file, [])).rejects.toThrow(`${file} exists already: name another file`);
  await expect(writeExport('b', '/no/such/x.md', [])).rejects.toThrow(
    /^cannot write \/no\/such\/x\.md: there is no such file\. Check its name and its folder$/,
  );
  expect(readFileSync(file, 'utf8')).toBe('# a');
});
