import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AgentsMdOptions, loadAgentsMd } from '../../src/context/agents-md.ts';

let top: string;
let home: string;
let repo: string;
let deep: string;

beforeEach(() => {
  top = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-agents-')));
  home = path.join(top, 'home');
  repo = path.join(top, 'repo');
  deep = path.join(repo, 'pkg', 'src');
  mkdirSync(home);
  mkdirSync(deep, { recursive: true });
  mkdirSync(path.join(repo, '.git'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

function put(file: string, text: string | Buffer): string {
  writeFileSync(file, text);
  return file;
}

function load(options: Partial<AgentsMdOptions> = {}) {
  const { obeyed, ...rest } = loadWhole(options);
  // Each is a part of what is sent.
  for (const { file, text } of obeyed) {
    expect(rest.sources).toContain(file);
    expect(rest.text).toContain(text);
  }
  return rest;
}

function loadWhole(options: Partial<AgentsMdOptions> = {}) {
  return loadAgentsMd({
    home,
    cwd: deep,
    maxBytes: 32_768,
    fallbackNames: [],
    trust: trusting(['.git']),
    ...options,
  });
}

/** All the folders of a test are trusted, unless it says otherwise. */
function trusting(project_root_markers: string[], folders = [repo, path.join(repo, 'pkg'), deep]) {
  const projects = folders.map((folder) => [folder, { trust_level: 'trusted' as const }]);
  return { projects: Object.fromEntries(projects), project_root_markers };
}

function injected(text: string, cwd: string | null = deep): string {
  const scope = cwd === null ? '' : ` for ${cwd}`;
  return `# AGENTS.md instructions${scope}\n\n<INSTRUCTIONS>\n${text}\n</INSTRUCTIONS>`;
}

describe('loadAgentsMd', () => {
  test('finds nothing', () => {
    expect(load()).toEqual({ sources: [], warnings: [] });
  });

  test('joins global, root and folders, from the outside in', () => {
    const sources = [
      put(path.join(home, 'AGENTS.md'), '\n global \n'),
      put(path.join(repo, 'AGENTS.md'), 'root\n'),
      put(path.join(deep, 'AGENTS.md'), 'deep\n'),
    ];
    put(path.join(top, 'AGENTS.md'), 'above the root');
    expect(load()).toEqual({
      text: injected('global\n\n--- project-doc ---\n\nroot\n\n\ndeep\n'),
      sources,
      warnings: [],
    });
  });

  test('names no folder when only the global file speaks', () => {
    const file = put(path.join(home, 'AGENTS.md'), 'global\n');
    put(path.join(repo, 'AGENTS.md'), ' \n');
    expect(load()).toEqual({ text: injected('global', null), sources: [file], warnings: [] });
  });

  test('takes the first global file that is not blank', () => {
    const override = put(path.join(home, 'AGENTS.override.md'), ' \n');
    const standard = put(path.join(home, 'AGENTS.md'), 'standard');
    expect(load().sources).toEqual([standard]);
    put(override, 'override');
    expect(load()).toEqual({ text: injected('override', null), sources: [override], warnings: [] });
  });

  test('an override shadows its folder, also when it is blank', () => {
    put(path.join(repo, 'AGENTS.md'), 'hidden');
    const override = put(path.join(repo, 'AGENTS.override.md'), 'shown');
    put(path.join(deep, 'AGENTS.md'), 'hidden as well');
    put(path.join(deep, 'AGENTS.override.md'), '\n');
    expect(load()).toEqual({ text: injected('shown'), sources: [override], warnings: [] });
  });

  test('tries fallback names last, in order, one file a folder', () => {
    const claude = put(path.join(repo, 'CLAUDE.md'), 'claude');
    put(path.join(repo, 'OTHER.md'), 'other');
    const standard = put(path.join(deep, 'AGENTS.md'), 'standard');
    put(path.join(deep, 'CLAUDE.md'), 'shadowed');
    expect(load({ fallbackNames: ['CLAUDE.md', 'OTHER.md'] })).toEqual({
      text: injected('claude\n\nstandard'),
      sources: [claude, standard],
      warnings: [],
    });
  });

  test('looks at the working directory alone without a root', () => {
    put(path.join(repo, 'AGENTS.md'), 'root');
    const own = put(path.join(deep, 'AGENTS.md'), 'own');
    const alone = { text: injected('own'), sources: [own], warnings: [] };
    expect(load({ trust: trusting([]) })).toEqual(alone);
    expect(load({ trust: trusting(['no-such-marker']) })).toEqual(alone);
  });

  test('takes the nearest root, whose marker may be a file', () => {
    put(path.join(repo, 'AGENTS.md'), 'outer');
    put(path.join(repo, 'pkg', '.git'), 'gitdir: elsewhere');
    const inner = put(path.join(repo, 'pkg', 'AGENTS.md'), 'inner');
    expect(load()).toEqual({ text: injected('inner'), sources: [inner], warnings: [] });
  });

  test('shares the budget, cuts between characters and skips what comes later, with warnings', () => {
    put(path.join(home, 'AGENTS.md'), 'global is not counted');
    const root = put(path.join(repo, 'AGENTS.md'), 'abcd');
    const middle = put(path.join(repo, 'pkg', 'AGENTS.md'), 'xyzéé');
    const last = put(path.join(deep, 'AGENTS.md'), 'last');
    expect(load({ maxBytes: 8 })).toEqual({
      text: injected('global is not counted\n\n--- project-doc ---\n\nabcd\n\nxyz'),
      sources: [path.join(home, 'AGENTS.md'), root, middle],
      warnings: [
        `Loaded only 4 of 7 bytes from ${middle}: project instructions are limited to 8 bytes.`,
        `Skipped project instructions ${last} because the 8-byte budget was exhausted by the files above it.`,
      ],
    });
  });

  test('blank files consume nothing', () => {
    put(path.join(repo, 'AGENTS.md'), ' \n'.repeat(10));
    const deepFile = put(path.join(deep, 'AGENTS.md'), '12345678');
    const { text, sources } = load({ maxBytes: 8 });
    expect({ text, sources }).toEqual({ text: injected('12345678'), sources: [deepFile] });
  });

  test('a budget of 0 turns project files off', () => {
    const file = put(path.join(home, 'AGENTS.md'), 'global');
    put(path.join(repo, 'AGENTS.md'), 'root');
    expect(load({ maxBytes: 0 })).toEqual({ text: injected('global', null), sources: [file], warnings: [] });
  });

  test.each<[string, Buffer, string]>([
    [
      'UTF-16LE, as PowerShell 5 writes it',
      Buffer.from('\ufeff# Rules\r\nuse ü', 'utf16le'),
      '# Rules\r\nuse ü',
    ],
    ['UTF-16BE', Buffer.from('\ufeff# Rules', 'utf16le').swap16(), '# Rules'],
    ['UTF-8 with a mark', Buffer.from('\ufeffuse ü'), 'use ü'],
  ])('reads %s', (_name, bytes, text) => {
    const project = put(path.join(deep, 'AGENTS.md'), bytes);
    const global = put(path.join(home, 'AGENTS.md'), bytes);
    const both = injected(`${text}\n\n--- project-doc ---\n\n${text}`);
    expect(load()).toEqual({ text: both, sources: [global, project], warnings: [] });
  });

  test('reads Latin-1 and skips what is not text, with a warning each', () => {
    const latin = put(path.join(repo, 'AGENTS.md'), Buffer.from('f\xfcr alle', 'latin1'));
    const binary = put(path.join(deep, 'AGENTS.md'), Buffer.from([0x61, 0, 0xff]));
    expect(load()).toEqual({
      text: injected('für alle'),
      sources: [latin],
      warnings: [
        `${latin}: it is not UTF-8; it was read as Windows-1252 (Latin-1). Save it as UTF-8.`,
        `Skipped ${binary}: it is binary data. Save it as UTF-8.`,
      ],
    });
  });

  test('passes over folders, FIFOs, devices and dead links, and follows links to files', () => {
    mkdirSync(path.join(repo, 'AGENTS.override.md'));
    execFileSync('mkfifo', [path.join(repo, 'AGENTS.md')]);
    symlinkSync('/dev/zero', path.join(repo, 'pkg', 'AGENTS.override.md'));
    symlinkSync('/no/such/file', path.join(repo, 'pkg', 'AGENTS.md'));
    const link = path.join(deep, 'AGENTS.md');
    symlinkSync(put(path.join(top, 'shared.md'), 'shared'), link);
    expect(load()).toEqual({ text: injected('shared'), sources: [link], warnings: [] });
  });

  test.skipIf(process.getuid?.() === 0)('warns of a file that may not be read', () => {
    const file = put(path.join(deep, 'AGENTS.md'), 'secret');
    chmodSync(file, 0);
    expect(load()).toEqual({
      sources: [],
      warnings: [`Could not read ${file}: EACCES: permission denied, open '${file}'`],
    });
  });
});
