/** What a command, a terminal and a trace would learn of the user's secrets. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonText } from '../../src/text/json-text.ts';
import { looksSecret } from '../../src/text/secrets.ts';
import { cpuTime } from '../support/cpu-time.ts';
import { addFile, bench, hasScript, inTerminal } from '../support/exec.ts';

/** Put together here, so that no scanner takes the test for a leak. */
const made = (...parts: string[]): string => parts.join('');
const LONG = 'a1B2c3D4e5F6a7B8c9D0e1F2a3B4c5D6e7F8';

test.each([
  ['GH_PAT', 'x'],
  ['AZURE_DEVOPS_EXT_PAT', 'x'],
  ['SLACK_WEBHOOK_URL', 'x'],
  ['SENTRY_DSN', 'x'],
  ['AZURE_STORAGE_CONNECTION_STRING', 'x'],
  ['CONN_STR', 'x'],
  ['A', made('https://hooks.slack', '.com/services/T0/B0/x')],
  ['A', made('https://discord', '.com/api/webhooks/1/x')],
  ['A', made('https://discordapp', '.com/api/v10/webhooks/1/x')],
  ['A', made('https://x.webhook', '.office.com/webhookb2/x')],
  ['A', made('https://api.telegram', '.org/bot1:x/send')],
  ['A', 'Server=db;Database=x;User Id=me;Password=hunter2;'],
  ['A', 'host=db user=me password=hunter2'],
  ['A', 'DefaultEndpointsProtocol=https;AccountName=x;AccountKey=abc=='],
  ['A', 'Endpoint=sb://x/;SharedAccessKeyName=Root;SharedAccessKey=abc='],
  ['A', 'postgresql://me:hunter2@db/x'],
  ['A', 'mongodb+srv://me:hunter2@db/x'],
  ['A', 'redis://:hunter2@cache:6379'],
  ['A', 'jdbc:mysql://db/x?user=me&password=hunter2hunter2'],
  ['A', 'https://x.blob.example/c?sv=1&sig=abcdefgh%2Bi'],
  ['A', made('hv', 's.', LONG)],
  ['A', made('dop', '_v1_', 'a'.repeat(64))],
  ['A', made('dckr', '_pat_', LONG)],
  ['A', made('pypi', '-AgEIcHlwaS5vcmc', LONG)],
  ['A', made('SG', '.', LONG, '.', LONG)],
  ['A', made('123456789', ':', LONG.slice(0, 35))],
])('%s=%s is a secret', (name, value) => {
  expect(looksSecret(name, value)).toBe(true);
});

test.each([
  ['PATH', '/usr/bin'],
  ['EDITOR', 'vim'],
  ['PATTERN', 'x'],
  ['DISPATCH', 'x'],
  ['COMPATIBILITY', 'x'],
  ['DATABASE_URL', 'postgres://localhost/x'],
  ['DATABASE_URL', 'sqlite:///x.db'],
  ['URL', 'https://example.com/?page=12345678'],
  ['LS_COLORS', 'rs=0:di=01;34:ln=01;36:*.tar=01;31'],
  ['A', 'https://example.com/webhooks'],
  ['A', '10.0.0.1:8080'],
])('%s=%s is none', (name, value) => {
  expect(looksSecret(name, value)).toBe(false);
});

test('the time is linear in the length of a value', () => {
  for (const unit of ['password= ', '&sig=', '://', 'a:', 'hvs.', '123456789:', ';Pwd =  ']) {
    const time = (count: number): number => cpuTime(() => looksSecret('A', unit.repeat(count)));
    time(1_000);
    expect(time(100_000)).toBeLessThan(2_000);
  }
});

test('oagent sandbox passes on what the agent passes on, and all with --env all', async () => {
  const { run } = await bench([]);
  const env = { GH_PAT: 'one', HOOK: made('https://hooks.slack', '.com/services/x'), PLAIN: 'three' };
  const seen = async (...flags: string[]): Promise<string[]> => {
    const { stdout } = await run(['sandbox', ...flags, '--', 'env'], { env });
    return ['GH_PAT=', 'HOOK=', 'PLAIN=', 'OAGENT=1'].filter((name) => stdout.includes(`${name}`));
  };
  expect(await seen()).toEqual(['PLAIN=', 'OAGENT=1']);
  expect(await seen('-c', 'shell_environment_policy.set.GH_PAT="mine"')).toEqual([
    'GH_PAT=',
    'PLAIN=',
    'OAGENT=1',
  ]);
  expect(await seen('--env', 'all')).toEqual(['GH_PAT=', 'HOOK=', 'PLAIN=']);
});

/** What a terminal could take for a sequence. */
const ESCAPES = /[\x1b\x7f-\x9f\u202e\u200b]/;

test.skipIf(!hasScript)('apply-patch shows no raw escapes of a patch on a terminal', async () => {
  const place = await bench([]);
  for (const patch of [
    addFile('a\u001b]0;owned\u0007\u009b2Jb\u202e.txt', 'x'),
    '*** Begin Patch\n*** Update File: none\u001b[2J\u202e.txt\n@@\n-x\n+y\n*** End Patch',
    '*** Begin Patch\n*** Nonsense\u001b[2J\u009b1m\n*** End Patch',
  ]) {
    const { stdout } = await inTerminal(place, ['apply-patch', patch]);
    expect(stdout.length).toBeGreaterThan(10);
    expect(stdout).not.toMatch(ESCAPES);
  }
});

test.skipIf(!hasScript)('--json shows no raw escapes on a terminal, and its values are whole', async () => {
  const text = 'a\u001b[2Jb\u009b31mc\u202ed\u200be\u007ff\u{e0041}';
  const place = await bench(() => ({ content: text }));
  writeFileSync(path.join(place.home, 'config.toml'), 'model = "base"\n');
  const { stdout } = await inTerminal(place, ['exec', '--json', 'Hi'], '2>/dev/null');
  expect(stdout).not.toMatch(ESCAPES);
  const said = stdout
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
    .flatMap(({ item }) => item?.text ?? []);
  expect(said).toEqual([text]);
});

test('any value is the same when it is read again', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
      expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)));
      expect(jsonText(value)).not.toMatch(ESCAPES);
    }),
  );
});
