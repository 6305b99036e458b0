import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { withCatalog } from '../../src/rollout/catalog.ts';
import { readSession } from '../../src/rollout/reconstruct.ts';
import { forkRollout, openStored } from '../../src/rollout/store.ts';
import type { SessionFlags } from '../../src/session/flags.ts';
import { memoryRights } from '../../src/session/memories.ts';
import { type PlanOptions, planSession, withNewThread } from '../../src/session/plan.ts';
import { openRecord, type SessionRecord } from '../../src/session/record.ts';
import { withStored } from '../../src/session/stored.ts';
import { uuidv7 } from '../../src/text/uuid.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** A home with this configuration, in which USER is the folder of the projects, and one of them. */
async function machine(config = '[projects."USER/repo"]\ntrust_level = "trusted"\n') {
  const user = await tempFolder();
  const home = path.join(user, '.oagent');
  const repo = path.join(user, 'repo');
  mkdirSync(path.join(repo, '.git'), { recursive: true });
  mkdirSync(path.join(repo, 'deep'));
  mkdirSync(path.join(user, 'other'));
  mkdirSync(home);
  writeFileSync(path.join(home, 'config.toml'), config.replaceAll('USER', user));
  const plan = (cwd: string, flags: SessionFlags = {}, options: PlanOptions = {}) =>
    planSession({ ...flags, cd: path.join(user, cwd) }, { ...options, home, env: { HOME: user } });
  return { user, home, repo, plan, rights: (...of: Parameters<typeof plan>) => memoryRights(plan(...of)) };
}

const TRUSTED = '[projects."USER/repo"]\ntrust_level = "trusted"\n';
const ALL = { mayUse: true, mayMake: true, why: undefined };
const none = (why: string) => ({ mayUse: false, mayMake: false, why });

test('only a trusted folder is told what is remembered, and memories are made of any', async () => {
  const { rights } = await machine();
  expect([rights('repo'), rights('repo/deep'), rights('other')]).toEqual([
    ALL,
    ALL,
    { mayUse: false, mayMake: true, why: 'this folder is not trusted, so none are used' },
  ]);
});

test('what is switched off is off: by a flag, a key or a folder', async () => {
  const flag = (await machine()).rights('repo', { memories: false });
  const off = await machine(`[memories]\nenabled = false\n${TRUSTED}`);
  const half = await machine(`[memories]\nuse = false\ngenerate = false\n${TRUSTED}`);
  const folder = await machine(
    `[projects."USER"]\nmemories = false\n${TRUSTED}[projects."USER/other"]\nmemories = true\ntrust_level = "trusted"\n`,
  );
  const link = await machine(`${TRUSTED}[projects."USER/link"]\nmemories = false\n`);
  symlinkSync(link.repo, path.join(link.user, 'link'));
  expect([
    flag,
    off.rights('repo'),
    half.rights('repo'),
    folder.rights('repo/deep'),
    folder.rights('other'),
    link.rights('repo'),
    (await machine()).rights('repo', {}, { ephemeral: true }),
  ]).toEqual([
    none('this session is incognito'),
    none('memories.enabled is false'),
    none('memories.use is false; memories.generate is false'),
    none(`they are switched off in ${folder.user}`),
    ALL,
    none(`they are switched off in ${link.user}/link`),
    { ...ALL, mayMake: false, why: 'nothing is kept of this session, so none are made of it' },
  ]);
});

test('a worktree is as its main one is', async () => {
  const { user, rights } = await machine('[projects."USER/repo"]\nmemories = false\n');
  const gitDir = path.join(user, 'repo/.git/worktrees/tree');
  mkdirSync(gitDir, { recursive: true });
  mkdirSync(path.join(user, 'tree'));
  writeFileSync(path.join(user, 'tree/.git'), `gitdir: ${gitDir}\n`);
  writeFileSync(path.join(gitDir, 'gitdir'), `${path.join(user, 'tree/.git')}\n`);
  expect(rights('tree')).toEqual(none(`they are switched off in ${user}/repo`));
});

test('a project cannot switch anything of it on, or choose the model', async () => {
  const { repo, home, plan, rights } = await machine(
    `[memories]\nenabled = false\n${TRUSTED}memories = false\n`,
  );
  mkdirSync(path.join(repo, '.oagent'));
  writeFileSync(
    path.join(repo, '.oagent/config.toml'),
    `[memories]\nenabled = true\ngenerate = true\nuse = true\nmodel = "theirs"\nallow_loading = true\non_battery = true
idle_minutes = 0\n[projects."${repo}"]\nmemories = true\n`,
  );
  const { loaded } = plan('repo');
  expect([rights('repo'), loaded.config.memories.model, loaded.config.memories.allow_loading]).toEqual([
    none('memories.enabled is false'),
    undefined,
    false,
  ]);
  expect(loaded.warnings).toEqual([
    `oagent is ignoring settings that only your own config.toml can make, not a project: memories, projects (${repo}/.oagent/config.toml)`,
  ]);
  writeFileSync(path.join(home, 'config.toml'), '');
});

/** The record of a session, whose process never ends it in an orderly way. */
function opened(plan: ReturnType<typeof planSession>): SessionRecord {
  const rules = () => plan;
  return openRecord(plan, { system: 'You are a test.', rules, warn: () => undefined });
}

const say = ({ recorder }: SessionRecord, text: string): void => {
  recorder?.recorded({ type: 'user', kind: 'prompt', content: text });
  recorder?.happened({ type: 'item_completed', item: { type: 'user_message', id: 'i1', text } });
};

const linesOf = (file: string): unknown[] =>
  readFileSync(file, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { type, payload } = JSON.parse(line);
      return type === 'event_msg' ? [payload.type, payload.why] : type;
    });

test('an incognito session says so in its rollout before anything else', async () => {
  const { home, plan } = await machine();
  const record = opened(plan('repo', { memories: false }));
  say(record, 'a secret plan');
  await record.close();
  const [session] = withCatalog(home, (catalog) => catalog.list());
  expect([session?.hasNoMemories, linesOf(session?.path ?? '')]).toEqual([
    true,
    ['session_meta', ['memories_off', 'incognito'], 'response_item', ['item_completed', undefined]],
  ]);
});

test('one that becomes incognito says so at once, and stays it: resumed, copied, and in what follows it', async () => {
  const { home, plan } = await machine();
  const record = opened(plan('repo'));
  say(record, 'one');
  record.recorder?.keepMemoriesOff('incognito');
  record.recorder?.keepMemoriesOff('incognito');
  say(record, 'two');
  await record.close();
  const [session] = withCatalog(home, (catalog) => catalog.list());
  const file = session?.path ?? '';
  expect([session?.hasNoMemories, linesOf(file).slice(3)]).toEqual([
    true,
    [['memories_off', 'incognito'], 'response_item', ['item_completed', undefined]],
  ]);
  const copy = forkRollout(home, file, uuidv7(), new Date());
  const resumed = withStored(plan('repo'), openStored(copy));
  const again = opened(resumed);
  say(again, 'three');
  await again.close();
  expect(memoryRights(resumed)).toEqual(none('this session is incognito'));
  expect(linesOf(copy).filter((line) => String(line).startsWith('memories_off'))).toHaveLength(1);
  expect(memoryRights(withNewThread({ ...resumed, isIncognito: true }))).toEqual(
    none('this session is incognito'),
  );
});

test('of a session during which none were made, none are made later', async () => {
  const { home, plan } = await machine();
  const record = opened(plan('repo', { config: ['memories.generate=false'] }));
  say(record, 'one');
  await record.close();
  const [session] = withCatalog(home, (catalog) => catalog.list());
  expect([session?.hasNoMemories, readSession(session?.path ?? '').memoriesOff]).toEqual([true, 'settings']);
  const resumed = withStored(plan('repo'), openStored(session?.path ?? ''));
  expect(memoryRights(resumed)).toEqual({
    ...ALL,
    mayMake: false,
    why: 'they were off earlier in this session, so none are made of it',
  });
  resumed.stored?.lock.isHeld === false && resumed.stored.lock.release();
});

test('resuming marks a session with what comes next, not by itself', async () => {
  const { home, plan } = await machine();
  const record = opened(plan('repo'));
  say(record, 'one');
  await record.close();
  const [session] = withCatalog(home, (catalog) => catalog.list());
  const file = session?.path ?? '';
  const before = readFileSync(file, 'utf8');
  const again = opened(withStored(plan('repo', { memories: false }), openStored(file)));
  expect(readFileSync(file, 'utf8')).toBe(before);
  say(again, 'two');
  await again.close();
  expect(linesOf(file).slice(3)).toEqual([
    ['memories_off', 'incognito'],
    'response_item',
    ['item_completed', undefined],
  ]);
});
