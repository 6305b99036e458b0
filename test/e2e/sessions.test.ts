import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Turn } from '../../src/demo/script.ts';
import { rolloutFiles } from '../../src/rollout/paths.ts';
import { readSession } from '../../src/rollout/reconstruct.ts';
import { type Bench, BYPASS, bench, MAIN, startProgram, systemProgram, usageOf } from '../support/exec.ts';
import { tempFolder } from '../support/temp-folder.ts';

const FLOOD: Turn = {
  content: 'I look.',
  toolCalls: [{ name: 'shell', arguments: { command: 'seq 9000' } }],
};

const WAITS: Turn = { toolCalls: [{ name: 'shell', arguments: { command: 'sleep 86398' } }] };

const answers = (_request: unknown, index: number): Turn => ({ content: `Answer ${index}.` });

const idOf = (home: string): string => rolloutFiles(home)[0]?.id ?? '';

/** Each request begins with the bytes of the one before, and the server reads only what is new. */
function expectPrefixes({ chats, server }: Bench): void {
  const all = chats().map(({ messages, tools, options }) => ({
    messages: JSON.stringify(messages),
    rest: JSON.stringify([tools, options]),
  }));
  for (const [index, { messages, rest }] of all.entries()) {
    const before = all[index - 1];
    if (before === undefined) continue;
    expect(messages.startsWith(before.messages.slice(0, -1))).toBe(true);
    expect(rest).toBe(before.rest);
  }
  const reread = server.log.filter(({ kind }) => kind === 'chat').slice(1);
  expect(reread.every(({ rereadTokens, newTokens }) => rereadTokens === newTokens)).toBe(true);
}

test('exec resume goes on by id, by name and with --last; the thread and its total stay', async () => {
  const place = await bench([FLOOD, ...[1, 2, 3, 4].map((number) => ({ content: `Answer ${number}.` }))]);
  const first = await place.json(['--yolo', 'Begin.']);
  const id = idOf(place.home);
  expect(first.lines[0]).toEqual({ type: 'thread.started', thread_id: id });
  expect((await place.run(['sessions', 'rename', id, 'my work'])).code).toBe(0);
  const runs = [
    await place.json(['--yolo', 'resume', id, 'Go on.']),
    await place.json(['resume', 'my work', '-', '--yolo'], { stdin: 'From stdin.' }),
    await place.json(['resume', '--last', 'Last.', '--yolo'], { stdin: 'ignored' }),
  ];
  expect(runs.map(({ code, stderr }) => [code, stderr])).toEqual(runs.map(() => [0, '']));
  expect(runs.map(({ lines }) => lines[0])).toEqual(
    runs.map(() => ({ type: 'thread.started', thread_id: id })),
  );
  expectPrefixes(place);
  const prompts = place
    .chats()
    .at(-1)
    ?.messages.filter(({ role }) => role === 'user');
  expect(prompts?.slice(2).map(({ content }) => content)).toEqual(['Go on.', 'From stdin.', 'Last.']);
  const output = (runs[2]?.lines.at(-1)?.usage as { output_tokens: number }).output_tokens;
  expect(runs[2]?.lines.at(-1)).toMatchObject({
    type: 'turn.completed',
    usage: usageOf(place.server.log, output),
  });
  expect(rolloutFiles(place.home)).toHaveLength(1);
  const outputs = readdirSync(path.join(place.home, 'outputs', id));
  expect(outputs).toEqual(['1.txt']);
});

test('kill -9 at any moment: nothing that was shown is missing, and it goes on', async () => {
  const script = (_request: unknown, index: number): Turn =>
    index % 3 === 2 ? { content: `Done ${index}.` } : { ...FLOOD, thinking: 'Hm.' };
  const place = await bench(script, { chunkDelayMs: 1 });
  const points = Number(process.env.OAGENT_KILL_PROCESSES ?? 4);
  for (let point = 0; point < points; point += 1) {
    const before = rolloutFiles(place.home).length;
    const running = place.start(['exec', '--json', '--yolo', 'Work.']);
    // Killed while it writes: as soon as so many lines are out.
    const { shown, code } = await killAfter(running, 2 + (point % 8));
    const file = rolloutFiles(place.home).find(({ hasLock }) => hasLock);
    if (code === 0) continue;
    if (file === undefined) {
      // Nothing was said yet.
      expect([rolloutFiles(place.home).length, shown.join().includes('"item"')]).toEqual([before, false]);
      continue;
    }
    const kept = readSession(file.path).shown;
    const texts = kept.flatMap((item) => (item.type === 'agent_message' ? [item.text] : []));
    const seen = shown.flatMap((line) => {
      const { type, item } = JSON.parse(line);
      return type === 'item.completed' && item.type === 'agent_message' ? [item.text] : [];
    });
    expect(texts.slice(0, seen.length)).toEqual(seen);
    const again = await place.json(['--yolo', 'resume', file.id, 'Go on.']);
    expect([again.code, again.lines.at(-1)?.type]).toEqual([0, 'turn.completed']);
  }
}, 120_000);

/** @returns the whole lines that came, and the exit code if it was done before. */
async function killAfter(
  { child, ended }: ReturnType<Bench['start']>,
  count: number,
): Promise<{ shown: string[]; code: number | null }> {
  let text = '';
  child.stdout?.on('data', (chunk: string) => {
    text += chunk;
    if (text.split('\n').length > count) child.kill('SIGKILL');
  });
  const { stdout, code } = await ended;
  return { shown: stdout.split('\n').slice(0, -1), code };
}

test('a session of another folder continues here, and says where it ran; --last is of this folder', async () => {
  const place = await bench(answers);
  await place.run(['exec', 'Begin.']);
  const id = idOf(place.home);
  const other = path.join(path.dirname(place.cwd), 'other');
  mkdirSync(path.join(other, '.git'), { recursive: true });
  expect((await place.run(['exec', 'resume', '--last', 'x'], { cwd: other })).stderr).toBe(
    'Error: no session to resume in this folder (--all looks in all folders)\n',
  );
  const moved = await place.json(['resume', id, 'Go on.'], { cwd: other });
  expect([moved.code, moved.lines[1]]).toEqual([
    0,
    {
      type: 'item.completed',
      item: {
        id: 'item_0',
        type: 'error',
        message: `this session ran in ${place.cwd}; continuing in ${other}`,
      },
    },
  ]);
  const users = place.chats()[1]?.messages.filter(({ role }) => role === 'user') ?? [];
  expect(users.map(({ content }) => content).slice(1)).toEqual([
    'Begin.',
    expect.stringContaining(`<cwd>${other}</cwd>`),
    'Go on.',
  ]);
  const copied = await place.json(['fork', id, 'Go on.', '-C', place.cwd], { cwd: other });
  expect([copied.code, copied.lines[1]]).toMatchObject([
    0,
    { item: { message: `this session ran in ${other}; continuing in ${place.cwd}` } },
  ]);
});

test('another model goes on, and says what that costs', async () => {
  const models = ['one', 'two'].map((name) => ({
    name,
    path: 'rendered' as const,
    capabilities: ['completion', 'tools'] as const,
    contextLength: 16_384,
  }));
  const place = await bench(answers, { models: models as never });
  await place.run(['exec', '-m', 'one', 'Begin.']);
  const same = await place.run(['exec', 'resume', '--last', 'Go on.']);
  const other = await place.run(['exec', 'resume', '--last', '-m', 'two', 'Go on.']);
  expect(place.chats().map(({ model }) => model)).toEqual(['one', 'one', 'two']);
  expect([same.code, other.code]).toEqual([0, 0]);
  expect(same.stderr).not.toContain('until now');
  expect(other.stderr).toContain('this session used one so far');
});

test('--ephemeral keeps nothing', async () => {
  const place = await bench([FLOOD, { content: 'Done.' }]);
  const { code } = await place.run(['exec', '--ephemeral', BYPASS, 'Begin.']);
  expect(code).toBe(0);
  expect(place.chats()[1]?.messages.at(-1)?.content).toContain('outputs');
  // What a model's load measured is no part of the session.
  const others = ['cache', 'models.json'];
  expect(readdirSync(place.home).filter((name) => !others.includes(name))).toEqual(['outputs']);
  expect(readdirSync(path.join(place.home, 'outputs'))).toEqual([]);
});

test('--ephemeral goes on with a session without adding to it', async () => {
  const place = await bench([FLOOD, { content: 'Done.' }, { content: 'More.' }, { content: 'Again.' }]);
  await place.run(['exec', BYPASS, 'Begin.']);
  const id = idOf(place.home);
  const kept = (): string[] => [
    readFileSync(rolloutFiles(place.home)[0]?.path ?? '', 'utf8'),
    ...readdirSync(path.join(place.home, 'outputs', id)),
    String(rolloutFiles(place.home)[0]?.hasLock),
  ];
  const before = kept();
  const { code, stdout } = await place.run(['exec', '--ephemeral', BYPASS, 'resume', id, 'Go on.']);
  expect([code, stdout, kept()]).toEqual([0, 'More.\n', before]);
  expect(place.chats()[2]?.messages.at(-1)?.content).toBe('Go on.');
});

test('a session that is open is refused, and a copy of it goes on', async () => {
  const place = await bench((_request, index) => (index === 0 ? WAITS : { content: 'Here.' }));
  const running = place.start(['exec', BYPASS, 'Begin.']);
  await place.server.waitForRequest(1);
  await expect.poll(() => rolloutFiles(place.home).length).toBe(1);
  const id = idOf(place.home);
  const second = await place.run(['exec', 'resume', id, 'Me too.']);
  expect(second.code).toBe(1);
  expect(second.stderr).toContain(`is open in another oagent (process ${running.pid} on `);
  expect(second.stderr).toContain(`To continue in a copy: oagent fork ${id}.`);
  expect((await place.run(['sessions', 'delete', '--force', id])).code).toBe(1);
  const fork = await place.json(['fork', id, 'Me too.']);
  expect(fork.code).toBe(0);
  expect(fork.lines[0]?.thread_id).not.toBe(id);
  const forked = rolloutFiles(place.home).find((file) => file.id === fork.lines[0]?.thread_id);
  expect(readSession(forked?.path ?? '').meta.forked_from_id).toBe(id);
  running.child.kill('SIGKILL');
  await running.ended;
  expect((await place.run(['exec', 'resume', id, 'Again.'])).code).toBe(0);
});

test('a home in which nothing can be kept costs one warning', async () => {
  const place = await bench([FLOOD, { content: 'Done.' }]);
  writeFileSync(path.join(place.home, 'sessions'), '');
  const { code, stdout, stderr } = await place.run(['exec', 'Begin.']);
  expect([code, stdout]).toEqual([0, 'Done.\n']);
  expect(stderr.match(/this session cannot be saved: /g)).toHaveLength(1);
});

const bwrap = systemProgram('bwrap');
const canMount = bwrap !== undefined && spawnSync(bwrap, ['--dev-bind', '/', '/', 'true']).status === 0;

test.runIf(canMount)('a full disk: the turn goes on, and what is kept can be read', async () => {
  const place = await bench([FLOOD, FLOOD, { content: 'Done.' }]);
  const [small, copy] = [await tempFolder(), await tempFolder()];
  const script = `"$0" "$1" exec ${BYPASS} Begin. </dev/null; code=$?; cp -r "$2/sessions" "$3"; exit $code`;
  const argv = ['--dev-bind', '/', '/', '--size', '32768', '--tmpfs', small];
  const program = ['sh', '-c', script, process.execPath, MAIN, small, copy];
  const options = { cwd: place.cwd, env: { ...place.env, OAGENT_HOME: small } };
  const { code, stdout, stderr } = await startProgram(bwrap ?? '', [...argv, ...program], options).ended;
  expect([code, stdout]).toEqual([0, 'Done.\n']);
  expect(stderr.match(/this session cannot be saved: ENOSPC/g)).toHaveLength(1);
  const file = findJsonl(copy);
  const text = readFileSync(file, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  const { items, badLines } = readSession(file);
  expect([items.length > 0, badLines]).toEqual([true, 0]);
});

function findJsonl(folder: string): string {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' }).find((name) =>
    name.endsWith('.jsonl'),
  );
  return path.join(folder, found ?? 'none');
}

test('sessions are listed, shown, exported, archived and deleted', async () => {
  const place = await bench([FLOOD, { content: 'It is **done**.' }]);
  await place.run(['exec', BYPASS, 'Count to\n9000.']);
  const id = idOf(place.home);
  const said = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await place.run(['sessions', ...args]);
    expect([code, stderr]).toEqual([0, '']);
    return stdout;
  };
  const table = (await said('list')).split('\n');
  expect(table[0]).toMatch(/^ID +USED +TOKENS +MODEL +NAME OR FIRST MESSAGE$/);
  expect(table[1]).toMatch(new RegExp(`^${id}  just now  [\\d,]+ +base:latest  Count to$`));
  const [entry] = JSON.parse(await said('list', '--json', '--all'));
  expect(entry).toMatchObject({ id, cwd: place.cwd, firstPrompt: 'Count to\n9000.', archived: false });
  const shown = await said('show', id);
  expect(shown).toContain('> Count to\n> 9000.\n\nI look.\n\n$ seq 9000 (exit 0)\n  … 8980 lines\n  8981\n');
  expect(shown.endsWith('  9000\n\nIt is **done**.\n')).toBe(true);
  expect(await said('export', id)).toContain('## You\n\nCount to\n9000.\n\n## oagent\n\nI look.');
  expect(await said('rename', id, 'counting')).toBe(`Renamed ${id} to counting\n`);
  expect(await said('archive', 'counting')).toBe(`Archived ${id}.\n`);
  expect((await place.run(['exec', 'resume', id, 'x'])).stderr).toBe(
    `Error: the session is archived. To restore it: oagent sessions unarchive ${id}\n`,
  );
  expect((await said('list', '--archived')).includes(id)).toBe(true);
  expect(await said('unarchive', id)).toBe(`Restored ${id}.\n`);
  expect(await place.run(['sessions', 'delete', id])).toEqual({
    code: 1,
    signal: null,
    stdout: '',
    stderr: 'Error: no terminal to ask on; --force deletes without asking\n',
  });
  expect(existsSync(path.join(place.home, 'outputs', id))).toBe(true);
  expect(await said('delete', '--force', 'counting')).toBe(`Deleted ${id}.\n`);
  expect([existsSync(path.join(place.home, 'outputs', id)), rolloutFiles(place.home)]).toEqual([false, []]);
});

test('what is not there is told', async () => {
  const place = await bench(answers);
  const id = '01a1fdb2-3c69-72d3-a633-92fb8138136e';
  const stderr = async (...args: string[]): Promise<[number | null, string]> => {
    const run = await place.run(args);
    return [run.code, run.stderr];
  };
  const none = `Error: no session ${id}. All sessions: oagent sessions list --all\n`;
  expect(await stderr('exec', 'resume', id, 'x')).toEqual([1, none]);
  expect(await stderr('sessions', 'show', id)).toEqual([1, none]);
  expect(await stderr('sessions', 'list')).toEqual([
    0,
    'No sessions in this folder; --all lists those of all folders.\n',
  ]);
  const [code, usage] = await stderr('exec', 'resume');
  expect([code, usage.split('\n')[0]]).toEqual([
    2,
    'error: exec resume needs the id or name of a session, or --last',
  ]);
  expect(place.asked()).toEqual([]);
});
