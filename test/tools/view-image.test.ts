import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createViewImageTool } from '../../src/tools/view-image.ts';
import { itemEvents, makeContext, type TestContext } from './tool-context.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const view = (context: TestContext, file: string, ctx = context.ctx) =>
  createViewImageTool().run({ path: file }, ctx);

test('a model that sees gets the image, behind a line that names it', async () => {
  using context = makeContext();
  mkdirSync(path.join(context.cwd, 'shots'));
  writeFileSync(path.join(context.cwd, 'shots/a.png'), PNG);
  const result = await view(context, 'shots/a.png');
  expect(result).toEqual({ ok: true, text: '[shots/a.png: PNG, 70 B]', images: [PNG.toString('base64')] });
  expect(itemEvents(context.events)).toMatchObject([
    { type: 'item_started', item: { type: 'tool_call', tool: 'view_image', status: 'in_progress' } },
    { type: 'item_completed', item: { output: '[shots/a.png: PNG, 70 B]', status: 'completed' } },
  ]);
});

test('another one gets what a model says of it, or why there is nothing', async () => {
  using context = makeContext();
  writeFileSync(path.join(context.cwd, 'a.png'), PNG);
  const describe = async (images: readonly { name: string; data: string }[]) =>
    images.map(({ name, data }) => `${name} ${data.length}`);
  expect(await view(context, 'a.png', { ...context.ctx, describe })).toEqual({ ok: true, text: 'a.png 96' });
  const refuse = () => Promise.reject(new Error('nobody sees'));
  expect(await view(context, 'a.png', { ...context.ctx, describe: refuse })).toEqual({
    ok: false,
    text: 'nobody sees',
  });
});

test('what is no image, too large, or no regular file is refused with what to do', async () => {
  using context = makeContext();
  const file = (name: string): string => path.join(context.cwd, name);
  writeFileSync(file('text.png'), 'no image');
  writeFileSync(file('empty.png'), '');
  writeFileSync(file('huge.png'), PNG);
  truncateSync(file('huge.png'), 9 * 2 ** 20);
  mkdirSync(file('folder'));
  execFileSync('mkfifo', [file('pipe.png')]);
  symlinkSync('/dev/zero', file('device.png'));
  const texts: string[] = [];
  for (const name of [
    'text.png',
    'empty.png',
    'huge.png',
    'folder',
    'pipe.png',
    'device.png',
    'gone.png',
    '',
  ]) {
    const { ok, text } = await view(context, name);
    texts.push(`${ok}: ${text}`);
  }
  expect(texts).toEqual([
    'false: text.png is not a supported image (PNG, JPEG, GIF, WebP)',
    'false: empty.png is not a supported image (PNG, JPEG, GIF, WebP)',
    expect.stringMatching(/^false: huge\.png has 9\S* MB, more than 8\S* MB: make a smaller copy/),
    expect.stringContaining('false: folder is a directory'),
    'false: pipe.png is a FIFO, not a regular file',
    'false: device.png is a device, not a regular file',
    expect.stringContaining('false: path not found: gone.png'),
    'false: path is empty: give the file to read',
  ]);
});
