import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Permissions } from '../../../src/safety/permissions.ts';
import { gatherMountFacts, type MountFacts, realFolder } from '../../../src/safety/sandbox/mounts.ts';

describe('gatherMountFacts', () => {
  let base = '';
  const at = (...names: string[]): string => path.join(base, ...names);
  const below = (folder: string, ...names: string[]): string[] => names.map((name) => at(folder, name));

  beforeEach(() => {
    base = realpathSync(mkdtempSync('/var/tmp/oagent-mounts-'));
    for (const folder of ['ws', 'tmp', 'extra', 'home']) mkdirSync(at(folder));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const facts = (
    changes: Partial<Permissions> = {},
    isPlaceholder: (file: string) => boolean = () => false,
  ): MountFacts =>
    gatherMountFacts(
      {
        mode: 'workspace-write',
        approval: 'never',
        cwd: at('ws'),
        writableRoots: [],
        excludeSlashTmp: true,
        network: false,
        home: at('home'),
        env: { TMPDIR: at('tmp') },
        ...changes,
      },
      isPlaceholder,
    );

  test('of a folder with nothing in it', () => {
    expect(facts()).toEqual({
      roots: below('.', 'tmp', 'ws'),
      protectedPaths: [],
      missingPaths: below('ws', '.agents', '.claude', '.codex', '.git', '.oagent'),
      watchedPaths: below('tmp', '.git', '.agents', '.claude', '.codex', '.oagent'),
      hidden: [],
      hasWritableTmp: true,
    });
  });

  test('of what is there, behind links, with placeholders', () => {
    mkdirSync(at('ws/.git'));
    mkdirSync(at('ws/.oagent'));
    mkdirSync(at('tmp/.codex'));
    symlinkSync('ws', at('link'));
    const changes = {
      cwd: at('link'),
      writableRoots: [at('extra'), at('no-such'), at('ws'), at('tmp/.codex')],
    };
    expect(facts(changes, (file) => file === at('ws/.oagent'))).toEqual({
      roots: [...below('.', 'extra', 'tmp', 'ws'), at('tmp/.codex')],
      protectedPaths: [...below('.', 'tmp/.codex', 'ws/.git')],
      missingPaths: [
        ...below('extra', '.agents', '.claude', '.codex', '.git', '.oagent'),
        ...below('ws', '.agents', '.claude', '.codex', '.oagent'),
        ...below('tmp/.codex', '.agents', '.claude', '.codex', '.git', '.oagent'),
      ],
      watchedPaths: below('tmp', '.git', '.agents', '.claude', '.oagent'),
      hidden: [],
      hasWritableTmp: true,
    });
  });

  test("of oagent's own folder: never a root, hidden in part", () => {
    for (const name of ['sessions', 'outputs/own', 'skills'])
      mkdirSync(at('home', name), { recursive: true });
    for (const name of ['auth.json', 'config.toml', 'rules.toml']) writeFileSync(at('home', name), '');
    const changes = {
      writableRoots: [base, at('home'), at('home/skills')],
      ownOutputs: at('home/outputs/own'),
    };
    const { roots, protectedPaths, hidden } = facts(changes);
    expect({ roots, protectedPaths, hidden }).toEqual({
      roots: [base, ...below('.', 'tmp', 'ws')],
      protectedPaths: [at('home')],
      hidden: [
        { path: at('home/auth.json'), kind: 'file', except: [] },
        { path: at('home/outputs'), kind: 'folder', except: [at('home/outputs/own')] },
        { path: at('home/rules.toml'), kind: 'file', except: [] },
        { path: at('home/sessions'), kind: 'folder', except: [] },
      ],
    });
  });

  test('of read-only and of excluded temporary folders', () => {
    const none = { roots: [], protectedPaths: [], missingPaths: [], watchedPaths: [], hidden: [] };
    expect(facts({ mode: 'read-only' })).toEqual({ ...none, hasWritableTmp: false });
    const { roots, hasWritableTmp } = facts({ excludeTmpdirEnvVar: true });
    expect([roots, hasWritableTmp]).toEqual([[at('ws')], false]);
    expect(facts({ excludeSlashTmp: false, env: {} }).roots).toEqual(['/tmp', at('ws')]);
    // Not the system's own, and no relative one.
    expect(facts({ env: { TMPDIR: '/proc' } }).roots).toEqual([at('ws')]);
    expect(facts({ env: { TMPDIR: 'tmp' }, writableRoots: ['extra'] }).roots).toEqual([at('ws')]);
  });

  test('refuses what cannot be protected', () => {
    const refused = (prepare: () => void, changes: Partial<Permissions> = {}): string => {
      prepare();
      try {
        facts(changes);
        return 'accepted';
      } catch (error) {
        return String(error).replaceAll(base, '~').split('. ')[0] ?? '';
      }
    };
    const write = (name: string, text: string) => () => writeFileSync(at(name), text);
    expect([
      refused(() => symlinkSync('/nowhere', at('extra/.agents')), { writableRoots: [at('extra')] }),
      refused(() => {}, { cwd: at('gone') }),
      refused(() => {}, { cwd: '/proc/self' }),
      refused(() => {}, { writableRoots: ['/'] }),
      refused(write('ws/.git', 'gitdir: missing\n')),
      refused(write('ws/.git', 'gitdir: .\n')),
      refused(write('ws/.git', 'gitdir: /elsewhere/x\n')),
      refused(write('ws/HEAD', ''), {}),
    ]).toEqual([
      'SandboxError: cannot protect ~/extra/.agents: it is a symbolic link, which a command could replace',
      'SandboxError: the folder ~/gone does not exist, so no command can run in it.',
      expect.stringMatching(/^SandboxError: \/proc\/\d+ cannot be writable in a sandbox$/),
      'SandboxError: / cannot be writable in a sandbox',
      'SandboxError: cannot protect the repository of ~/ws: its .git points to ~/ws/missing',
      'SandboxError: cannot protect the repository of ~/ws: its .git points to ~/ws',
      'accepted',
      'accepted',
    ]);
  });
});

test('realFolder follows links and refuses the rest', () => {
  expect(realFolder('/proc/self')).toBe(`/proc/${process.pid}`);
  for (const folder of ['/no/such', 'relative', '/etc/passwd'])
    expect(() => realFolder(folder)).toThrow(folder);
});
