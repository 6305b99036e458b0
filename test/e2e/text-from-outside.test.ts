/** Texts and names as other programs write them: encodings, and names that only look like what was typed. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';
import { RENDERED } from '../support/ollama-server.ts';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const EYES = { ...RENDERED, name: 'eyes', capabilities: ['completion', 'tools', 'vision'] };

test('-i finds the one name that looks the same, and says so', async () => {
  const { run, cwd, chats } = await bench(() => ({ content: 'Dots.' }), { models: [EYES] });
  await writeFile(path.join(cwd, 'Shot 1.02\u202fPM.png'), PNG);
  const { code, stderr } = await run(['exec', '-i', 'Shot 1.02 PM.png', 'See']);
  const said = stderr.split('\n').filter((line) => line.includes('looks the same'));
  expect({ code, said, images: chats()[0]?.messages.at(-1)?.images }).toEqual({
    code: 0,
    said: [
      expect.stringMatching(/Shot 1\.02 PM\.png was taken for .*Shot 1\.02\\u202fPM\.png, the one name/),
    ],
    images: [PNG.toString('base64')],
  });
});

test('an output schema in UTF-16', async () => {
  const schema = { type: 'object', properties: { ä: { type: 'string' } } };
  const { run, cwd, chats } = await bench(() => ({ content: '{"ä":"x"}' }));
  await writeFile(path.join(cwd, 's.json'), Buffer.from(`\ufeff${JSON.stringify(schema)}`, 'utf16le'));
  expect((await run(['exec', '--output-schema', 's.json', 'Hi'])).code).toBe(0);
  expect(chats().at(-1)?.format).toEqual(schema);
});

test('AGENTS.md and a prompt file in Latin-1 are read, and named', async () => {
  const { run, cwd, home, chats } = await bench(() => ({ content: 'Hi.' }));
  await writeFile(path.join(cwd, 'AGENTS.md'), Buffer.from('f\xfcr alle', 'latin1'));
  await writeFile(path.join(home, 'compact.md'), Buffer.from('k\xfcrze', 'latin1'));
  await writeFile(path.join(home, 'config.toml'), 'experimental_compact_prompt_file = "compact.md"\n');
  const { code, stderr } = await run(['exec', 'Hi']);
  const text = JSON.stringify(chats()[0]?.messages);
  expect({ code, hasRules: text.includes('für alle') }).toEqual({ code: 0, hasRules: true });
  for (const file of ['AGENTS.md', 'compact.md']) {
    expect(stderr).toMatch(new RegExp(`${file}: it is not UTF-8; it was read as Windows-1252`));
  }
});
