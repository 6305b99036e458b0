/** The built program with a server that says nothing of its window, and drops the oldest messages without a word where a prompt is longer. */
import { writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Script, Turn } from '../../src/demo/script.ts';
import { type Bench, bench } from '../support/exec.ts';

const REAL_WINDOW = 4096;
const SUMMARY = 'Goal: go on. Done: several commands were run and printed words. Next: answer the user.';

interface Message {
  readonly role: string;
  readonly content: unknown;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** The system message, and of the others the newest that have space. */
function cutTo(messages: readonly Message[], bytes: number): readonly Message[] {
  const [system, ...others] = messages;
  const size = (some: readonly unknown[]): number => Buffer.byteLength(JSON.stringify(some));
  while (others.length > 1 && size([system, ...others]) > bytes) others.shift();
  return system === undefined ? [] : [system, ...others];
}

/** As a proxy in front of an Ollama with its default window is. */
async function cutting(host: string): Promise<{ readonly url: string; readonly cuts: () => number }> {
  let cuts = 0;
  const server = createServer(async (request, response) => {
    const url = request.url ?? '/';
    if (!url.startsWith('/v1/')) return response.writeHead(404).end();
    const body = await bodyOf(request);
    const sent = body === '' ? undefined : JSON.parse(body);
    const messages = sent?.messages && cutTo(sent.messages, REAL_WINDOW * 4);
    if (messages && messages.length < sent.messages.length) cuts += 1;
    const answer = await fetch(`${host}${url}`, {
      method: request.method ?? 'GET',
      ...(sent !== undefined && { body: JSON.stringify({ ...sent, messages }) }),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    return response.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, cuts: () => cuts };
}

async function behindProxy(script: Script, more = ''): Promise<Bench & { readonly cuts: () => number }> {
  const made = await bench(script, { wire: 'llama.cpp', defaultNumCtx: 32_768 });
  const { url, cuts } = await cutting(made.server.host);
  const config = `model_provider = "box"\n${more}[model_providers.box]\nname = "my box"\nbase_url = "${url}/v1"\n`;
  await writeFile(path.join(made.home, 'config.toml'), config);
  return { ...made, cuts };
}

const words = (from: number): string => Array.from({ length: 250 }, (_, at) => `w${from + at}`).join(' ');

/** Commands that print more words than the real window holds; then an answer. */
const printing: Script = ({ messages }, index): Turn => {
  if (/summar/i.test(String(messages.at(-1)?.content ?? ''))) return { content: SUMMARY };
  const cmd = `echo ${words(index * 250)}`;
  return index < 9 ? { toolCalls: [{ name: 'exec_command', arguments: { cmd } }] } : { content: 'Done.' };
};

test('a prompt that was cut is noticed: the window is taken for smaller, and the conversation fits into it', async () => {
  const made = await behindProxy(printing);
  const { code, stdout, stderr } = await made.run(['exec', '-s', 'read-only', 'Print the words.']);
  const said = stderr.split('\n').find((line) => line.includes('so its window is smaller')) ?? '';
  expect({
    code,
    stdout,
    said: said.replace(/\d,\d{3} tokens of a prompt of at least \d,\d{3}/, 'N of M'),
  }).toEqual({
    code: 0,
    stdout: 'Done.\n',
    said:
      'warning: the server read N of M, so its window is smaller than 8,192. It is taken for 4,096 from now on; ' +
      'set `model_context_window` to what it really has',
  });
  // The one by which it was noticed.
  expect(made.cuts()).toBe(1);
  const again = await made.run(['exec', '-s', 'read-only', 'Again.']);
  expect(again.stderr).toContain('window: 4,096 tokens (unknown)');
});

test('a window that the user has set stays, with a warning', async () => {
  const made = await behindProxy(printing, 'model_context_window = 16384\n');
  const { stderr } = await made.run(['exec', '-s', 'read-only', 'Print the words.']);
  expect(stderr).toMatch(
    /^warning: the server read \d,\d{3} tokens of a prompt of at least \d,\d{3}: part of the conversation was lost on the server$/m,
  );
  expect(stderr).not.toContain('its window is smaller');
});
