/** `oagent doctor --try`, as a user runs it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { bench } from '../support/exec.ts';
import { NATIVE, RENDERED } from '../support/ollama-server.ts';

const IMPORTED = { ...NATIVE, listedCapabilities: ['completion'] };
const LEAK = { content: '{"name": "read_file", "arguments": {"path": "README.md"}}' };
const CALL = { toolCalls: [{ name: 'read_file', arguments: { path: 'README.md' } }] };

/** The section of the report, without its title. */
function section(report: string, name: string): string[] {
  const lines = report.split('\n');
  const start = lines.indexOf(name) + 1;
  return lines.slice(start, lines.indexOf('', start)).map((line) => line.trim());
}

test('a model that the list does not know as one that calls tools is tried; the next doctor and session know', async () => {
  const made = await bench([LEAK, CALL, LEAK, LEAK, LEAK, { content: 'Hi.' }], { models: [IMPORTED] });
  const before = await made.run(['doctor']);
  expect(section(before.stdout, 'Model')).toEqual([
    'ok    native:latest, the only one installed',
    'profile native until the first answers show how it calls tools; --try finds out now',
  ]);
  const { code, stdout, stderr } = await made.run(['doctor', '-m', 'native', '--try']);
  expect({ code, model: section(stdout, 'Model'), stderr: stderr.replace(/\d+\.\d s/g, 'N s') }).toEqual({
    code: 0,
    model: ['ok    native, the only one installed', 'calls tools: 1 of 5 natively, 4 as text -> profile led'],
    stderr: `asking native for 5 tool calls
1 of 5: a call as text (N s)
2 of 5: a call (N s)
3 of 5: a call as text (N s)
4 of 5: a call as text (N s)
5 of 5: a call as text (N s)
`,
  });
  const file = path.join(made.home, 'models.json');
  expect(Object.values(JSON.parse(readFileSync(file, 'utf8')))).toEqual([
    { loads: [], calls: { digest: expect.stringMatching(/^[0-9a-f]{64}$/), native: 1, leaked: 4, none: 0 } },
  ]);
  const after = await made.run(['doctor']);
  expect(section(after.stdout, 'Model')[1]).toBe(
    `profile led, measured: calls tools 1 of 5 natively, 4 as text (${file}; --try measures again)`,
  );
  const set = await made.run(['doctor', '-c', 'models.native.profile=native']);
  expect(section(set.stdout, 'Model')[1]).toBe('profile native, set by models."native:latest".profile');

  const asked = made.asked().length;
  await made.run(['exec', '-m', 'native', 'Hi']);
  expect(
    made
      .asked()
      .slice(asked, asked + 2)
      .sort(),
  ).toEqual(['GET /api/tags', 'POST /api/show']);
});

test('a model that is missing or calls no tools, and a server that goes away, are told with the cure', async () => {
  const made = await bench([CALL], { models: [RENDERED, { ...NATIVE, capabilities: ['completion'] }] });
  const missing = await made.run(['doctor', '-m', 'nope', '--try']);
  expect([missing.code, missing.stderr, section(missing.stdout, 'Model')]).toEqual([
    1,
    '',
    [
      'fail  no model can be used',
      "model 'nope' is not installed. Get it with `ollama pull nope`. Installed: base:latest, native:latest",
    ],
  ]);
  const mute = await made.run(['doctor', '-m', 'native', '--try']);
  expect([mute.code, mute.stderr, section(mute.stdout, 'Model')[1]]).toEqual([
    1,
    '',
    'native cannot call tools, so it cannot work as an agent. These can: base:latest',
  ]);
  const gone = await made.run(['doctor', '-m', 'base', '--try'], { env: { OLLAMA_HOST: '127.0.0.1:1' } });
  expect([gone.code, gone.stderr, section(gone.stdout, 'Ollama')]).toEqual([
    1,
    '',
    [
      'fail  http://127.0.0.1:1 cannot be used',
      'no Ollama server at http://127.0.0.1:1 (ECONNREFUSED): start it with `ollama serve`, or set OLLAMA_HOST',
    ],
  ]);
  // The script ends after one turn: from then on the server fails.
  const broken = await made.run(['doctor', '-m', 'base', '--try']);
  expect([broken.code, section(broken.stdout, 'Model')]).toEqual([
    1,
    [
      'fail  base, one of 2 installed',
      'The call test failed: Ollama answered 500: the script has no turn 4 (tried 3 times)',
      "The server's log says more (journalctl -u ollama, or ~/.ollama/logs/server.log). Try again, restart Ollama, or use another model.",
      'profile native until the first answers show how it calls tools; --try finds out now',
    ],
  ]);
}, 30_000);
