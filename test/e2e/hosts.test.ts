/** The built program with several hosts. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';
import { NATIVE, withOllama } from '../support/ollama-server.ts';

const DEAD = 'http://127.0.0.1:1';
/** The limit is long, because the machine may be busy. */
const settings = (hosts: readonly string[]): string =>
  `model = "base"\n[ollama]\nhosts = ${JSON.stringify(hosts)}\nconnect_timeout_ms = 10000\n`;
const env = { OLLAMA_HOST: '' };

test('exec: the first that answers and has the model, said on stderr and as an event', async () => {
  const { server, run, json, home } = await bench([{ content: 'Hi.' }, { content: 'Hi.' }]);
  const other = await withOllama([], { models: [NATIVE] });
  writeFileSync(path.join(home, 'config.toml'), settings([DEAD, other.host, server.host]));
  const said = await run(['exec', 'Hi'], { env });
  expect({ code: said.code, stdout: said.stdout }).toEqual({ code: 0, stdout: 'Hi.\n' });
  const lines = said.stderr.split('\n').filter((line) => /^(?:provider|host):/.test(line));
  expect(lines).toEqual([
    `provider: ollama (${server.host})`,
    `host: ${DEAD}: nobody answers (ECONNREFUSED)`,
    `host: ${other.host}: base is not installed`,
    expect.stringMatching(`^host: ${server.host}: in use, answers in \\d+ ms$`),
  ]);
  const { lines: events } = await json(['Hi'], { env });
  expect(events[0]).toEqual({
    type: 'host.chosen',
    host: server.host,
    hosts: [
      { host: DEAD, says: expect.any(String), used: false },
      { host: other.host, says: 'base is not installed', used: false },
      { host: server.host, says: expect.any(String), used: true },
    ],
  });
  expect(other.log.some(({ kind }) => kind === 'chat')).toBe(false);
});

test('exec: none can be used, exit 1 with each of them and its reason', async () => {
  const { run, home } = await bench([]);
  const other = await withOllama([], { models: [NATIVE] });
  writeFileSync(path.join(home, 'config.toml'), settings([DEAD, other.host]));
  const { code, stdout, stderr } = await run(['exec', 'Hi'], { env });
  expect({ code, stdout, lines: stderr.trimEnd().split('\n') }).toEqual({
    code: 1,
    stdout: '',
    lines: [
      'Reading additional input from stdin...',
      'Error: none of the hosts in ollama.hosts can be used:',
      `  ${DEAD}: nobody answers (ECONNREFUSED)`,
      `  ${other.host}: base is not installed`,
      expect.stringContaining('Get the model with `ollama pull`'),
    ],
  });
});

test('exec: a list of one costs no request more than a single host', async () => {
  const { server, run, home, asked } = await bench([{ content: 'Hi.' }, { content: 'Hi.' }]);
  await run(['exec', '-m', 'base', 'Hi']);
  const plain = asked();
  writeFileSync(path.join(home, 'config.toml'), settings([server.host]));
  await run(['exec', 'Hi'], { env });
  expect(asked().slice(plain.length)).toEqual(plain);
});

test('doctor says of each host whether it can be used, and that a single one goes before them', async () => {
  const { server, run, home } = await bench([]);
  const secret = server.host.replace('://', '://me:s3cret@');
  writeFileSync(path.join(home, 'config.toml'), settings([DEAD, secret]));
  const { stdout } = await run(['doctor'], { env });
  const lines = stdout.slice(0, stdout.indexOf('Model')).split('\n');
  expect(lines).toEqual([
    'Ollama',
    `  ok    ${server.host} answers, version 0.32.6`,
    `  warn  ${DEAD}: nobody answers (ECONNREFUSED)`,
    '        Start it, or give it the model; until then it is passed over',
    expect.stringMatching(`^ {2}ok {4}${server.host}: answers in \\d+ ms$`),
    '',
    '',
  ]);
  const shown = await run(['config', 'show'], { env });
  expect(stdout + shown.stdout).not.toContain('s3cret');
  const single = await run(['doctor']);
  expect(single.stdout).toContain('  warn  ollama.hosts is not used: a single host is named');
});

test("a project cannot set the user's hosts", async () => {
  const { server, run, home, cwd } = await bench([{ content: 'Hi.' }]);
  mkdirSync(path.join(cwd, '.oagent'));
  writeFileSync(path.join(cwd, '.oagent/config.toml'), `[ollama]\nhosts = ["${DEAD}", "${DEAD}0"]\n`);
  writeFileSync(path.join(home, 'config.toml'), `[ollama]\nhost = "${server.host}"\n`);
  const { code, stderr } = await run(['exec', '--trust', 'Hi'], { env });
  expect(code).toBe(0);
  expect(stderr).toContain('that only your own config.toml can make, not a project: ollama.hosts');
});
