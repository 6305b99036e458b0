import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Placeholders } from '../../../src/safety/sandbox/placeholders.ts';
import { runSource } from '../../support/run-source.ts';

describe.skipIf(process.platform !== 'linux')('placeholders', () => {
  let folder = '';
  let records = '';
  let git = '';
  let oagent = '';

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'oagent-placeholders-'));
    records = path.join(folder, 'home/placeholders');
    git = path.join(folder, '.git');
    oagent = path.join(folder, '.oagent');
  });
  afterEach(() => {
    vi.useRealTimers();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What stands in the folder beside oagent's own. */
  const left = (): string[] => readdirSync(folder).filter((name) => name !== 'home');

  /** Writes the record of another process. */
  const writeRecord = (name: string, files: readonly string[]): void => {
    mkdirSync(records, { recursive: true });
    writeFileSync(path.join(records, name), JSON.stringify(files));
  };

  test('are there while anybody needs them', () => {
    const placeholders = new Placeholders(records);
    expect(placeholders.claim([git, oagent])).toEqual([git, oagent]);
    expect(placeholders.claim([git])).toEqual([git]);
    expect([placeholders.isPlaceholder(git), left()]).toEqual([true, ['.git', '.oagent']]);
    expect(placeholders.release([git, oagent])).toEqual([]);
    placeholders.removeUnused();
    expect(left()).toEqual(['.git']);
    const [record = ''] = readdirSync(records);
    expect(JSON.parse(readFileSync(path.join(records, record), 'utf8'))).toEqual([git]);
    expect(placeholders.release([git])).toEqual([]);
    placeholders.removeUnused();
    expect([left(), readdirSync(records), placeholders.isPlaceholder(git)]).toEqual([[], [], false]);
  });

  test('are made once for commands that follow each other, `.git` excepted, and are gone after a pause', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const placeholders = new Placeholders(records);
    const seen = Array.from({ length: 3 }, () => {
      placeholders.release(placeholders.claim([git, oagent]));
      vi.advanceTimersByTime(4_900);
      return [...left(), statSync(oagent, { bigint: true }).birthtimeNs];
    });
    expect(seen).toEqual(seen.map(() => ['.oagent', seen[0]?.[1]]));
    vi.advanceTimersByTime(200);
    expect([left(), readdirSync(records), vi.getTimerCount()]).toEqual([[], [], 0]);
  });

  test('are none any more when the user makes something of them between two commands', () => {
    const placeholders = new Placeholders(records);
    const codex = path.join(folder, '.codex');
    placeholders.release(placeholders.claim([codex, oagent]));
    mkdirSync(path.join(codex, 'hooks'));
    expect([codex, oagent].map((file) => placeholders.isPlaceholder(file))).toEqual([false, true]);
    placeholders.removeUnused();
    expect(left()).toEqual(['.codex']);
  });

  test('stay, and are told, when something has been put in their place', () => {
    const placeholders = new Placeholders(records);
    placeholders.claim([git, oagent]);
    mkdirSync(path.join(git, 'hooks'));
    rmSync(oagent, { recursive: true });
    writeFileSync(oagent, '');
    expect(placeholders.release([git, oagent])).toEqual([git, oagent]);
    expect(left()).toEqual(['.git', '.oagent']);
  });

  test('that cannot be made leave nothing behind', () => {
    const placeholders = new Placeholders(records);
    expect(() => placeholders.claim([git, path.join(folder, 'no/.git')])).toThrow(
      `cannot protect ${folder}/no/.git, which does not exist: a folder cannot be created there (ENOENT).`,
    );
    expect([left(), readdirSync(records)]).toEqual([[], []]);
  });

  test('of another living process are not removed', async () => {
    const other = execa('sleep', ['60'], { stdio: 'ignore', reject: false });
    try {
      const stat = readFileSync(`/proc/${other.pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ');
      mkdirSync(git);
      writeRecord(`${other.pid}-${stat[19]}`, [git]);
      const placeholders = new Placeholders(records);
      placeholders.removeLeftovers();
      expect([
        placeholders.isPlaceholder(git),
        placeholders.claim([git]),
        placeholders.release([git]),
      ]).toEqual([true, [git], []]);
      placeholders.removeUnused();
      expect(left()).toEqual(['.git']);
    } finally {
      other.kill('SIGKILL');
      await other;
    }
    new Placeholders(records).removeLeftovers();
    expect([left(), readdirSync(records)]).toEqual([[], []]);
  });

  test('of dead processes are removed, but only if they are empty and recorded', () => {
    const full = path.join(folder, 'full');
    for (const made of [git, path.join(full, 'x'), oagent]) mkdirSync(made, { recursive: true });
    // The number is taken again by this process, which began at another time.
    writeRecord(`${process.pid}-1`, [git, full]);
    writeRecord('1-0', []);
    writeFileSync(path.join(records, '2-3'), '["/half');
    new Placeholders(records).removeLeftovers();
    expect([left().sort(), readdirSync(records)]).toEqual([['.oagent', 'full'], []]);
  });

  test('are removed when the process exits', async () => {
    const node = runSource(`
      import { Placeholders } from ${JSON.stringify(path.resolve('src/safety/sandbox/placeholders.ts'))};
      new Placeholders(${JSON.stringify(records)}).claim(${JSON.stringify([git, git])});
      process.exit(3);`);
    expect((await node).exitCode).toBe(3);
    expect([existsSync(git), readdirSync(records)]).toEqual([false, []]);
  });

  test('work without a record', () => {
    writeFileSync(path.join(folder, 'home'), '');
    const placeholders = new Placeholders(records);
    expect([placeholders.claim([git]), placeholders.release([git])]).toEqual([[git], []]);
    placeholders.removeUnused();
    expect(left()).toEqual([]);
  });

  test('nothing is made or removed where a link leads', () => {
    const elsewhere = path.join(folder, 'home/elsewhere');
    mkdirSync(path.join(elsewhere, '.git'), { recursive: true });
    symlinkSync(elsewhere, path.join(folder, 'link'));
    const through = ['.git', '.agents'].map((name) => path.join(folder, 'link', name));
    writeRecord('4194305-1', through);
    const placeholders = new Placeholders(records);
    placeholders.removeLeftovers();
    expect(() => placeholders.claim(through.slice(1))).toThrow('cannot protect');
    expect(readdirSync(elsewhere)).toEqual(['.git']);
  });
});
