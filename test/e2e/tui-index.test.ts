/** The repository index in the interactive session: code behind a message, /status, what `@` offers. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';
import { RENDERED } from '../support/ollama-server.ts';
import { EMPTY, KEYS, readyTui, SOON, send } from '../support/tui-program.ts';

const EMBED = {
  name: 'nomic-embed-text',
  path: 'native',
  capabilities: ['embedding'],
  contextLength: 2048,
} as const;

test('a question gets the code that it is about, once; /status tells the index; @ ranks by it', async () => {
  const made = await bench([{ content: 'There it is.' }, { content: 'As I said.' }], {
    models: [RENDERED, EMBED],
  });
  rmSync(path.join(made.cwd, '.git'), { recursive: true });
  execFileSync('git', ['init', '-q', made.cwd]);
  mkdirSync(path.join(made.cwd, 'src'));
  writeFileSync(
    path.join(made.cwd, 'src/pricing.ts'),
    '/** Percent off. */\nexport function discountPercent(quantity: number): number {\n  return quantity >= 10 ? 5 : 0;\n}\n',
  );
  for (let at = 0; at < 12; at += 1)
    writeFileSync(path.join(made.cwd, `src/other${at}.ts`), `export const other${at} = ${at};\n`);
  const tui = await readyTui(made);
  const { screen, type } = tui;
  const status = async (): Promise<string> => {
    await send(tui, '/status');
    return screen.history();
  };
  // A message waits for the index only for a moment, which may be over on a busy machine.
  await expect.poll(status, SOON).toMatch(/Index +ready: 13 files/);
  await send(tui, 'where is discountPercent computed?');
  await screen.until(/Retrieved 1 place\n +└ src\/pricing\.ts:1-4[\s\S]*There it is\.[\s\S]*\? help/);
  await send(tui, 'and why is discountPercent computed?');
  await screen.until(/As I said\.[\s\S]*\? help/);
  expect(screen.history().match(/Retrieved/g)?.length).toBe(1);
  await send(tui, '/index');
  await screen.until(
    /ready: 13 files[\s\S]*Last message: "and why is discountPercent computed\?": [\s\S]*\? help/,
  );
  await send(tui, '/index why src/pricing.ts where is discountPercent computed?');
  await screen.until(
    /src\/pricing\.ts: place 1 of 1[\s\S]*A message with this question gets: src\/pricing\.ts:1-4/,
  );
  type(KEYS.ctrlT);
  await screen.until(/Transcript[\s\S]*Retrieved 1 place[\s\S]*return quantity >= 10 \? 5 : 0;/);
  type('q');
  await screen.until(EMPTY);
  const said = made
    .chats()
    .map(({ messages }) => messages.map(({ content }) => content.includes('quantity >= 10')));
  expect(said.map((flags) => flags.filter(Boolean).length)).toEqual([1, 1]);
  await expect.poll(made.asked, SOON).toContain('POST /api/embed');
  await expect
    .poll(status, SOON)
    .toMatch(/Index +ready: 13 files, 13 chunks, 0 commits\n +13 vectors by nomic-embed-text/);
  type('why @disc');
  // A key waits for the index only for a moment: on a busy machine it takes more than one.
  const again = (): string => {
    const text = screen.text();
    if (text.includes('no matching files')) type('\x7fc');
    return text;
  };
  await expect.poll(again, { ...SOON, interval: 200 }).toMatch(/› src\/pricing\.ts/);
  // First the list goes, then the draft.
  type(KEYS.ctrlC);
  await screen.until((text) => !text.includes('› src/pricing.ts'));
  type(KEYS.ctrlC);
  await screen.until(EMPTY);
  type(KEYS.ctrlD);
  expect((await tui.ended).code).toBe(0);
});
