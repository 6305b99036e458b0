import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headOf, lineText } from '../../src/rollout/lines.ts';
import { rolloutPath } from '../../src/rollout/paths.ts';
import { readSession } from '../../src/rollout/reconstruct.ts';
import { RolloutWriter } from '../../src/rollout/rollout.ts';
import { RolloutError } from '../../src/rollout/rollout-error.ts';
import { type LineRef, RolloutReader } from '../../src/rollout/scan.ts';
import { tempFolder } from '../support/temp-folder.ts';

const ID = '01a1fdb2-3c69-72d3-a633-92fb8138136e';

const META = {
  id: ID,
  timestamp: '2026-01-02T03:04:05.678Z',
  cwd: '/work',
  originator: 'oagent',
  cli_version: '0.1.0',
  rollout_version: 1,
  source: 'cli',
  model_provider: 'ollama',
  base_instructions: { text: 'You are a test.' },
} as const;

const metaLine = (more: object = {}): string =>
  lineText({ type: 'session_meta', payload: { ...META, ...more } }, new Date(0));

const prompt = (content: string): string =>
  lineText({ type: 'response_item', payload: { type: 'user', kind: 'prompt', content } }, new Date(0));

async function fileOf(text: string | Buffer): Promise<string> {
  const file = path.join(await tempFolder(), `rollout-2026-01-02T03-04-05-${ID}.jsonl`);
  writeFileSync(file, text);
  return file;
}

function scan(file: string): LineRef[] {
  const reader = new RolloutReader(file);
  const lines: LineRef[] = [];
  reader.scan((line) => lines.push(line));
  reader.close();
  return lines;
}

test('the path has the local time and the id', () => {
  expect(rolloutPath('/home', ID, new Date(2026, 0, 2, 3, 4, 5))).toBe(
    `/home/sessions/2026/01/02/rollout-2026-01-02T03-04-05-${ID}.jsonl`,
  );
});

test('the file appears with the first line, for its owner only', async () => {
  const home = await tempFolder();
  const file = rolloutPath(home, ID, new Date());
  const warnings: string[] = [];
  const writer = new RolloutWriter({ file, warn: (message) => warnings.push(message) });
  expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
  writer.append('{"a":1}\n');
  expect(readFileSync(file, 'utf8')).toBe('{"a":1}\n');
  expect([statSync(file).mode & 0o777, statSync(path.dirname(file)).mode & 0o777]).toEqual([0o600, 0o700]);
  await writer.close();
  expect(warnings).toEqual([]);
});

test('what cannot be written is told once and written later, in order', async () => {
  const home = await tempFolder();
  const file = rolloutPath(home, ID, new Date());
  // A file in the place of the folder.
  writeFileSync(path.join(home, 'sessions'), '');
  const warnings: string[] = [];
  const writer = new RolloutWriter({ file, warn: (message) => warnings.push(message) });
  writer.append('1\n');
  writer.append('2\n');
  rmSync(path.join(home, 'sessions'));
  writer.append('3\n');
  await writer.close();
  expect(readFileSync(file, 'utf8')).toBe('1\n2\n3\n');
  expect(warnings).toEqual([expect.stringContaining('this session cannot be saved: E')]);
});

test('a disk that fills up in the middle of a line leaves whole lines', async () => {
  const file = path.join(await tempFolder(), 'rollout.jsonl');
  const lines = Array.from({ length: 4 }, (_, index) => `${index}${'x'.repeat(400)}\n`);
  const writing = `
    const { RolloutWriter } = await import(${JSON.stringify(path.resolve('src/rollout/rollout.ts'))});
    const writer = new RolloutWriter({ file: ${JSON.stringify(file)}, warn: (message) => console.log(message) });
    for (const line of ${JSON.stringify(lines)}) writer.append(line);
    await writer.close();`;
  // A file may have 1,024 bytes: the third line is written in part.
  const limited = [
    '-c',
    'ulimit -f 1; exec "$@"',
    'bash',
    process.execPath,
    '--input-type=module',
    '-e',
    writing,
  ];
  const { stdout } = spawnSync('bash', limited, { encoding: 'utf8' });
  expect(readFileSync(file, 'utf8')).toBe(lines.slice(0, 2).join(''));
  expect(stdout).toContain('this session cannot be saved: EFBIG');
});

test('memory for what cannot be written has an end, and so has the record', async () => {
  const home = await tempFolder();
  writeFileSync(path.join(home, 'sessions'), '');
  const warnings: string[] = [];
  const file = rolloutPath(home, ID, new Date());
  const writer = new RolloutWriter({ file, warn: (message) => warnings.push(message) });
  for (let count = 0; count < 34; count += 1) writer.append(`${'x'.repeat(2 ** 20)}\n`);
  rmSync(path.join(home, 'sessions'));
  writer.append('late\n');
  await writer.close();
  expect(statSync(file, { throwIfNoEntry: false })).toBeUndefined();
  expect(warnings).toHaveLength(2);
});

test('a torn line is cut off before the next one is written', async () => {
  const text = `${metaLine()}${prompt('one')}`;
  const file = await fileOf(`${text}{"timestamp":"2026`);
  const writer = new RolloutWriter({ file, warn: () => undefined });
  writer.append(prompt('two'));
  await writer.close();
  expect(readFileSync(file, 'utf8')).toBe(`${text}${prompt('two')}`);
});

test('a line is known by its first bytes, or by parsing it', async () => {
  expect(headOf(prompt('x'))).toEqual({ type: 'response_item', of: 'user', kind: 'prompt', number: 0 });
  const item = { type: 'agent_message', id: 'i12', text: 'x', status: 'completed' } as const;
  const line = lineText(
    {
      type: 'event_msg',
      payload: { type: 'item_completed', item_type: item.type, item_id: item.id, item },
    },
    new Date(0),
  );
  const head = { type: 'event_msg', of: 'item_completed', kind: 'agent_message', number: 12 };
  expect(headOf(line)).toEqual(head);
  const { timestamp, type, payload } = JSON.parse(line);
  const file = await fileOf(`${JSON.stringify({ payload, type, timestamp })}\nno json\n`);
  expect(scan(file).map(({ start: _s, end: _e, ...rest }) => rest)).toEqual([
    head,
    { type: '', of: '', kind: '', number: 0 },
  ]);
});

test('any lines are found where they are, however they lie to the blocks that are read', async () => {
  const folder = await tempFolder();
  const file = path.join(folder, 'x.jsonl');
  const line = fc.oneof(
    fc.string(),
    fc.nat(300).map((size) => 'é'.repeat(size)),
    fc.constantFrom(2 ** 20 - 200, 2 ** 20 - 60).map((size) => 'y'.repeat(size)),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), fc.boolean(), (contents, isTorn) => {
      const lines = contents.map(prompt);
      const text = lines.join('') + (isTorn ? '{"timestamp":"20' : '');
      writeFileSync(file, text);
      const bytes = Buffer.from(text);
      const found = scan(file).map(({ start, end, type, of, kind }) => [
        [type, of, kind].join(' '),
        `${bytes.toString('utf8', start, end)}\n`,
      ]);
      expect(found).toEqual(lines.map((one) => ['response_item user prompt', one]));
    }),
    { numRuns: 60 },
  );
});

test('any bytes are read or refused, never worse', async () => {
  const file = await fileOf('');
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.constant(prompt('x').trim()),
          fc.constant('{"type":"response_item","payload":{"type":"user"}}'),
        ),
      ),
      fc.boolean(),
      (lines, hasMeta) => {
        writeFileSync(file, `${hasMeta ? metaLine() : ''}${lines.join('\n')}\n`);
        try {
          const { items } = readSession(file);
          expect(items.every(({ type }) => type === 'user')).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RolloutError);
        }
      },
    ),
  );
});

test('lines of a later oagent are passed over; a file of its making is refused', async () => {
  const later = `{"timestamp":"2027-01-01T00:00:00.000Z","type":"world_state","payload":{"full":true}}\n`;
  const { items, badLines } = readSession(await fileOf(`${metaLine()}${later}${prompt('one')}`));
  expect([items, badLines]).toEqual([[{ type: 'user', kind: 'prompt', content: 'one' }], 0]);
  const file = await fileOf(metaLine({ rollout_version: 2, cli_version: '9.0.0' }));
  expect(() => readSession(file)).toThrow(
    new RolloutError(`the session ${ID} was written by a newer oagent (9.0.0). Update this one to resume it`),
  );
});

test('a file that is no session is refused, and a missing one', async () => {
  const file = await fileOf('hello\n');
  expect(() => readSession(file)).toThrow(`${file} is not a session`);
  expect(() => readSession('/nowhere.jsonl')).toThrow('cannot read the session /nowhere.jsonl: ENOENT');
});

test('a broken line in the middle is left out and counted', async () => {
  const file = await fileOf(`${metaLine()}${prompt('one')}\u0000\u0000\n${prompt('two')}`);
  const { items, badLines } = readSession(file);
  expect([items.map(({ content }) => content), badLines]).toEqual([['one', 'two'], 1]);
});

test('a folder in the place of the file is no crash', async () => {
  const home = await tempFolder();
  const file = rolloutPath(home, ID, new Date());
  mkdirSync(file, { recursive: true });
  const warnings: string[] = [];
  const writer = new RolloutWriter({ file, warn: (message) => warnings.push(message) });
  writer.append('1\n');
  await writer.close();
  expect(warnings).toHaveLength(1);
});
