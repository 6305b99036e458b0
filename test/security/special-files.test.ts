/** Pipes, devices and endless files where oagent looks for a file that somebody has written: none is waited for. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { gitBranch, gitDiff } from '../../src/cli/interactive/workspace-git.ts';
import { loadConfig } from '../../src/config/load.ts';
import { loadAgentsMd } from '../../src/context/agents-md.ts';
import { listFiles } from '../../src/repo-index/reading/files.ts';
import { readSource } from '../../src/repo-index/reading/read-file.ts';
import { gitFacts } from '../../src/rollout/git-facts.ts';
import { isHarmlessRepository } from '../../src/safety/git-repository.ts';
import { readRules } from '../../src/safety/rules-source.ts';
import { planSession } from '../../src/session/plan.ts';
import { createRipgrepTool } from '../../src/tools/ripgrep.ts';
import { ripgrepFiles } from '../../src/tools/ripgrep-files.ts';
import { repository, temporaryFolder, write } from '../repo-index/repository.ts';
import { makeContext } from '../tools/tool-context.ts';

/** Put in the place of a file, which may be there already. */
const SPECIAL: Readonly<Record<string, (file: string) => void>> = {
  'a pipe': (file) => execFileSync('mkfifo', [file]),
  'a link to an endless device': (file) => symlinkSync('/dev/zero', file),
  'a huge file': (file) => {
    writeFileSync(file, '');
    truncateSync(file, 2 ** 40);
  },
};

const cases = Object.entries(SPECIAL);

function replace(file: string, make: (file: string) => void): void {
  mkdirSync(path.dirname(file), { recursive: true });
  rmSync(file, { force: true });
  make(file);
}

async function filesOf(root: string): Promise<string[]> {
  const names: string[] = [];
  for await (const batch of ripgrepFiles(root, [], new AbortController().signal)) names.push(...batch);
  return names;
}

describe.each(cases)('%s', (_, make) => {
  test.each(['HEAD', 'config', 'commondir', 'packed-refs', 'info/exclude'])('as .git/%s', async (name) => {
    const root = repository({ 'a.ts': 'a' });
    replace(path.join(root, '.git', name), make);
    gitFacts(root);
    gitBranch(root);
    isHarmlessRepository(root);
    await gitDiff(root).catch(() => undefined);
    expect((await listFiles(root)).paths).toContain('a.ts');
    expect(await filesOf(root)).toContain('a.ts');
  });

  test('as .git', async () => {
    const root = temporaryFolder();
    write(root, { 'a.ts': 'a' });
    replace(path.join(root, '.git'), make);
    expect([gitFacts(root), gitBranch(root)]).toEqual([undefined, undefined]);
    expect((await listFiles(root)).paths).toContain('a.ts');
  });

  test.each([
    '.gitignore',
    '.ignore',
    '.rgignore',
    '.oagentignore',
    '.gitattributes',
  ])('as %s', async (name) => {
    using context = makeContext();
    const root = repository({ 'a.ts': 'needle' });
    replace(path.join(root, name), make);
    await gitDiff(root).catch(() => undefined);
    expect((await listFiles(root)).paths).toContain('a.ts');
    expect(await filesOf(root)).toContain('a.ts');
    const found = await createRipgrepTool().run({ pattern: 'needle' }, { ...context.ctx, cwd: root });
    expect(found).toMatchObject({ ok: true, text: 'a.ts:1:needle' });
  });

  test('as AGENTS.md, of a project and of the user', () => {
    const [root, home] = [repository(), temporaryFolder()];
    for (const folder of [root, home]) replace(path.join(folder, 'AGENTS.md'), make);
    const { text = '' } = loadAgentsMd({
      cwd: root,
      home,
      maxBytes: 1_000,
      trust: { projects: {}, project_root_markers: ['.git'] },
      fallbackNames: [],
    });
    expect(text.length).toBeLessThan(2_000);
  });

  test('as a configuration, rules or instructions', () => {
    const [cwd, home] = [temporaryFolder(), temporaryFolder()];
    replace(path.join(cwd, '.oagent/config.toml'), make);
    const flags = { overrides: [], flags: {}, strict: false };
    expect(loadConfig({ home, cwd, ...flags }).config.approval_policy).toBe('on-request');
    replace(path.join(home, 'config.toml'), make);
    const why = /it is (?:not a regular file|larger than 16 MiB)/;
    expect(() => loadConfig({ home, cwd, ...flags })).toThrow(why);
    replace(path.join(home, 'rules.toml'), make);
    expect(() => readRules(path.join(home, 'rules.toml'))).toThrow(why);
    const file = path.join(cwd, 'instructions.md');
    replace(file, make);
    vi.stubEnv('OAGENT_HOME', temporaryFolder());
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(() => planSession({ cd: cwd, config: [`model_instructions_file="${file}"`] })).toThrow(why);
  });

  test('as a source file', () => {
    const root = temporaryFolder();
    replace(path.join(root, 'a.ts'), make);
    expect(readSource(root, 'a.ts')).toBe(undefined);
  });
});
