import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { doctorChecks, doctorReport } from '../../../src/cli/doctor/doctor.ts';
import {
  collectDoctorFacts,
  type DoctorFacts,
  folderFacts,
  rulesProblem,
} from '../../../src/cli/doctor/doctor-facts.ts';
import { indexChecks, indexFacts } from '../../../src/cli/doctor/doctor-index.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { OllamaClient } from '../../../src/model/client.ts';
import { hurryLimits, NATIVE, withOllama } from '../../support/ollama-server.ts';
import { tempFolder } from '../../support/temp-folder.ts';

const NEVER = new AbortController().signal;

const loaded = loadConfig({ home: '/h/.oagent', cwd: '/work/it' });

const HEALTHY: DoctorFacts = {
  home: '/h/.oagent',
  cwd: '/work/it',
  loaded,
  folder: { trust: 'trusted' },
  sandbox: { kind: 'bubblewrap 0.8.0', notes: ['no network: own namespace'] },
  index: { bytes: 12_300_000, embedding: { model: 'embeddinggemma:latest' }, isEmbeddingWanted: false },
  server: {
    host: 'http://127.0.0.1:11434',
    reachable: true,
    version: '0.32.1',
    models: ['base', 'native'],
    chosen: 'base',
    profile: {
      profile: 'led',
      profileSource: 'measured',
      record: { native: 1, leaked: 3, none: 1 },
      path: '/h/.oagent/models.json',
    },
    window: { numCtx: 32_768, numPredict: 8192, source: 'default', modelMax: 131_072, loaded: 32_768 },
  },
};

test('the report of a machine where all is well', () => {
  expect(doctorReport(HEALTHY)).toBe(`Ollama
  ok    http://127.0.0.1:11434 answers, version 0.32.1

Model
  ok    base, one of 2 installed
        profile led, measured: calls tools 1 of 5 natively, 3 as text, 1 not at all (/h/.oagent/models.json; --try measures again)

Window
  ok    32,768 tokens, the default; the model supports 131,072

Sandbox
  ok    bubblewrap 0.8.0
        no network: own namespace

Index
  ok    12.3 MB (\`oagent index status\`)
        semantic search by embeddinggemma:latest
        oagent's own Chroma server keeps the vectors

Configuration
  ok    /h/.oagent/config.toml; own files in /h/.oagent
  ok    /work/it is trusted: workspace-write, approvals on-request

7 ok, 0 to look at, 0 failed
`);
});

test('the report of one where nothing is', () => {
  const facts: DoctorFacts = {
    ...HEALTHY,
    loaded: { ...loaded, warnings: ['oagent is ignoring 1 setting: \u001b[31mx'] },
    folder: { trust: 'unknown', tooWide: 'it is your home folder' },
    sandbox: { kind: 'none', notes: [] },
    index: {
      bytes: 0,
      embedding: { unavailable: 'the embedding model x is not installed' },
      isEmbeddingWanted: true,
    },
    server: { host: 'http://gpu:1', reachable: false, problem: 'nobody is there: start it' },
  };
  expect(doctorReport(facts)).toBe(`Ollama
  fail  http://gpu:1 cannot be used
        nobody is there: start it

Sandbox
  warn  none: every command needs your approval
        On Linux install bubblewrap (\`apt install bubblewrap\`)

Index
  ok    not made yet: a session makes it, or \`oagent index build\`
        code is found by words and history
  warn  semantic search off: the embedding model x is not installed

Configuration
  ok    /h/.oagent/config.toml; own files in /h/.oagent
  warn  /work/it stays read-only, because it is your home folder
        Start oagent in the folder of one project, or name it with -C
  warn  oagent is ignoring 1 setting: x

2 ok, 4 to look at, 1 failed
`);
});

const { window: _window, chosen: _chosen, ...withoutModel } = HEALTHY.server;
const WINDOW = { numCtx: 4096, numPredict: 1024, source: 'config' } as const;
const variants: readonly (readonly [string, Partial<DoctorFacts>, string, readonly string[]])[] = [
  ['no model', { server: { ...withoutModel, problem: 'P' } }, 'Model', ['fail', 'no model can be used', 'P']],
  [
    'a small window',
    { server: { ...HEALTHY.server, window: WINDOW } },
    'Window',
    [
      'warn',
      '4,096 tokens, from model_context_window',
      'Only enough for small tasks: set model_context_window to 8192 or more',
    ],
  ],
  [
    'a model that can do no more',
    { server: { ...HEALTHY.server, window: { ...WINDOW, source: 'modelfile', modelMax: 4096 } } },
    'Window',
    [
      'warn',
      '4,096 tokens, from the Modelfile; the model supports 4,096',
      'Only enough for small tasks: choose a model with a longer context',
    ],
  ],
  [
    'another window in memory',
    { server: { ...HEALTHY.server, window: { ...WINDOW, numCtx: 16_384, loaded: 4096 } } },
    'Window',
    [
      'warn',
      '16,384 tokens, from model_context_window',
      'Another program has it loaded with 4,096 tokens (the default of Ollama); each of the two will make Ollama reload it. ' +
        'OLLAMA_CONTEXT_LENGTH=16384 for the server gives both the same window. ' +
        'If it stays like this, memory does not suffice: set a smaller model_context_window',
    ],
  ],
  [
    'a window that no session works in',
    { server: { ...HEALTHY.server, window: { ...WINDOW, numCtx: 2048 } } },
    'Window',
    [
      'fail',
      '2,048 tokens, from model_context_window',
      'Too small to work with, sessions refuse it: set model_context_window to 8192 or more',
    ],
  ],
  [
    'a window that the card does not hold, with what was measured',
    {
      server: {
        ...HEALTHY.server,
        window: {
          numCtx: 49_152,
          numPredict: 8192,
          source: 'fit',
          modelMax: 131_072,
          loaded: 49_152,
          onCpu: 12,
          measured: { held: 32_768, spilled: 49_152, path: '/h/.oagent/models.json' },
          serverDefault: 8192,
        },
      },
    },
    'Window',
    [
      'warn',
      '49,152 tokens, what fitted in earlier loads; the model supports 131,072',
      '12% of the model is on the CPU with this window, which is slow: use a smaller window or model',
      'Measured: 32,768 fitted, 49,152 did not (/h/.oagent/models.json; delete it to measure again)',
      'OLLAMA_CONTEXT_LENGTH is 8,192 here: a program that does not ask for a window gets that one, and the model is reloaded each time the window changes',
    ],
  ],
  [
    'a sandbox that does not work',
    { sandbox: { kind: 'none', notes: ['bwrap: refused', 'Allow user namespaces'] } },
    'Sandbox',
    ['warn', 'none: every command needs your approval', 'bwrap: refused', 'Allow user namespaces'],
  ],
];
test.each(variants)('%s has its cure', (_name, change, section, expected) => {
  const checks = doctorChecks({ ...HEALTHY, ...change }).filter((check) => check.section === section);
  expect(checks.map(({ mark, lines }) => [mark, ...lines])).toEqual([expected]);
});

test('a folder that is not known is read-only, with the way out; a configured mode needs none', () => {
  const line = (change: Partial<DoctorFacts>) => doctorChecks({ ...HEALTHY, ...change }).at(-1);
  const withMode = (sandbox_mode: 'read-only' | 'danger-full-access') => ({
    ...loaded,
    config: { ...loaded.config, sandbox_mode },
  });
  const section = 'Configuration';
  expect([
    line({ folder: { trust: 'unknown' } }),
    line({ folder: { trust: 'untrusted' }, loaded: withMode('read-only') }),
    line({ folder: { trust: 'unknown', tooWide: 'R' }, loaded: withMode('danger-full-access') }),
  ]).toEqual([
    {
      section,
      mark: 'ok',
      lines: [
        '/work/it is not known: read-only, approvals on-request',
        'To let commands write here: -s workspace-write, or trust the folder in config.toml',
      ],
    },
    { section, mark: 'ok', lines: ['/work/it is marked as untrusted: read-only, approvals on-request'] },
    { section, mark: 'ok', lines: ['/work/it is not known: danger-full-access, approvals on-request'] },
  ]);
});

test('a folder is judged as a session judges it', async () => {
  const base = await tempFolder();
  const home = path.join(base, '.oagent');
  expect([
    folderFacts({ home, cwd: base, loaded }, { HOME: '/nowhere' }),
    folderFacts({ home, cwd: '/work/it', loaded }, { HOME: base }),
  ]).toEqual([
    { trust: 'unknown', tooWide: `it contains oagent's own folder (${home})` },
    { trust: 'unknown' },
  ]);
});

test('the server is asked for what a session would use, and loads nothing', async () => {
  const server = await withOllama([]);
  const client = new OllamaClient({ host: server.host, headers: {} });
  const facts = await collectDoctorFacts(
    client,
    { model: 'native', models: {}, model_context_window: 8192 },
    NEVER,
  );
  expect({ facts, asked: server.log.map(({ method, path: route }) => `${method} ${route}`) }).toEqual({
    facts: {
      host: server.host,
      reachable: true,
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      models: ['base:latest', 'native:latest'],
      chosen: 'native',
      window: { numCtx: 8192, numPredict: 2048, source: 'config', modelMax: 32_768 },
    },
    asked: ['GET /api/version', 'GET /api/tags', 'POST /api/show', 'GET /api/ps'],
  });
});

test('imported models that the list knows nothing of are found, though one of them is silent', async () => {
  hurryLimits(10);
  const imported = { ...NATIVE, listedCapabilities: ['completion'] };
  const server = await withOllama([], {
    models: [{ ...imported, name: 'qwen3' }, imported],
    faultFor: ({ rawBody }) => (rawBody.includes('qwen3') ? { kind: 'stall' } : undefined),
  });
  const client = new OllamaClient({ host: server.host, headers: {} });
  const facts = await collectDoctorFacts(client, { models: {} }, NEVER);
  expect([facts.chosen, facts.problem]).toEqual(['native:latest', undefined]);
});

test('a model that is missing, and a server that is not there, are told with the cure', async () => {
  const server = await withOllama([]);
  const client = new OllamaClient({ host: server.host, headers: {} });
  const missing = await collectDoctorFacts(client, { model: 'none', models: {} }, NEVER);
  expect(missing).toMatchObject({ reachable: true, models: ['base:latest', 'native:latest'] });
  expect(missing.problem).toBe(
    "model 'none' is not installed. Get it with `ollama pull none`. Installed: base:latest, native:latest",
  );

  const down = new OllamaClient({ host: 'http://127.0.0.1:1', headers: {} });
  expect(await collectDoctorFacts(down, { models: {} }, NEVER)).toEqual({
    host: 'http://127.0.0.1:1',
    reachable: false,
    problem:
      'no Ollama server at http://127.0.0.1:1 (ECONNREFUSED): start it with `ollama serve`, or set OLLAMA_HOST',
  });
});

test('a server that never answers is given up; an interrupt is not taken for that', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new OllamaClient({ host, headers: {} });
  expect(await collectDoctorFacts(client, { models: {} }, NEVER, { timeoutMs: 50 })).toEqual({
    host,
    reachable: false,
    problem: 'no answer within 0.05 s. Look at its log, or restart it with `ollama serve`',
  });
  await expect(
    collectDoctorFacts(client, { models: {} }, AbortSignal.abort(new Error('stop'))),
  ).rejects.toThrow('stop');
});

test('rules that cannot be used are a failure, as no session starts with them', async () => {
  const home = await tempFolder();
  expect(rulesProblem(home)).toBeUndefined();
  writeFileSync(path.join(home, 'rules.toml'), '[[rule]]\nprefix = "x"\n');
  const rules = rulesProblem(home);
  expect(doctorChecks({ ...HEALTHY, rules }).at(-1)).toEqual({
    section: 'Configuration',
    mark: 'fail',
    lines: [
      'Error loading rules.toml:',
      `${home}/rules.toml:2:1: prefix must be a list of words, such as ["git", ["push", "fetch"]]`,
      '  |',
      '2 | prefix = "x"',
      '  | ^',
      'Fix it, or move it away: no session starts with it',
    ],
  });
});

test.each([
  [{ absent: 'off (index.enabled)' }, ['off (index.enabled)']],
  [
    { chromaUrl: 'http://team:8000' },
    [expect.anything(), expect.anything(), 'Chroma at http://team:8000 keeps the vectors'],
  ],
  [
    { chromaProblem: 'no server for this system' },
    [
      expect.anything(),
      expect.anything(),
      'vectors work without Chroma, by an exact local search: no server for this system',
      'nothing needs to be done (docs/index.md)',
    ],
  ],
] as const)('the index: %j', (facts, lines) => {
  expect(indexChecks({ ...HEALTHY.index, ...facts })).toEqual([{ section: 'Index', mark: 'ok', lines }]);
});

test('what the index has here is found out without making one', async () => {
  const server = await withOllama([]);
  const client = new OllamaClient({ host: server.host, headers: {} });
  const cwd = await tempFolder();
  mkdirSync(path.join(cwd, '.git'));
  const home = await tempFolder();
  const { env } = process;
  const wanted = {
    ...loaded,
    config: { ...loaded.config, index: { ...loaded.config.index, chroma_url: 'http://x' } },
  };
  expect(await indexFacts({ home, cwd, env, loaded: wanted }, client)).toEqual({
    bytes: 0,
    embedding: { unavailable: 'no embedding model is installed: `ollama pull embeddinggemma`' },
    isEmbeddingWanted: false,
    chromaUrl: 'http://x',
  });
  expect(readdirSync(home)).toEqual([]);
  const wide = await indexFacts({ home, cwd: path.dirname(home), env, loaded: wanted }, client);
  expect(wide.absent).toBe(`none, because it contains oagent's own folder (${home})`);
});
