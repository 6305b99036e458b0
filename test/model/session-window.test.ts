/** Whose a loaded window is: what this user's own oagent has left may be loaded again, what others use is adopted. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { enterUse } from '../../src/model/live-use.ts';
import { type SessionWindow, sessionWindow, type WindowFacts } from '../../src/model/session-window.ts';
import { processStat } from '../../src/system/process-stat.ts';
import { tempFolder } from '../support/temp-folder.ts';

const HERE = 'http://127.0.0.1:11434';
const LOADED = { numCtx: 16_384, size: 1, sizeVram: 0 };

/** The model is loaded with 16,384 tokens; by default this user's oagent has loaded it last. */
async function facts(more: Partial<WindowFacts> = {}): Promise<WindowFacts> {
  return {
    ...{ home: await tempFolder(), server: HERE, model: 'base:latest', modelfile: undefined },
    ...{
      configured: undefined,
      modelMax: 65_536,
      known: { loads: [LOADED] },
      loaded: LOADED,
      mayAdopt: true,
    },
    ...more,
  };
}

/** Another living process of this user has a session with the model. */
function usedByAnother(home: string, model: string): void {
  const other = spawn('sleep', ['60']);
  onTestFinished(() => void other.kill('SIGKILL'));
  const folder = path.join(home, 'live', 'models');
  mkdirSync(folder, { recursive: true });
  const entry = { pid: other.pid, started: processStat(other.pid ?? 0)[19] ?? '', host: hostname() };
  const value = { server: HERE, model };
  writeFileSync(path.join(folder, 'theirs.json'), JSON.stringify({ ...entry, value }));
}

const briefly = ({ window, wanted, isShared }: SessionWindow) => [
  window.numCtx,
  window.source,
  wanted.numCtx,
  isShared,
];
const OWN = [32_768, 'default', 32_768, false];
const ADOPTED = [16_384, 'shared', 32_768, true];

test('what is not loaded, or was loaded by this user and is not used any more, is loaded as wanted', async () => {
  expect(
    [await facts({ loaded: undefined }), await facts()].map((one) => briefly(sessionWindow(one))),
  ).toEqual([OWN, OWN]);
});

test('what somebody else has loaded is adopted, if that may be', async () => {
  const all = [
    await facts({ known: { loads: [] } }),
    await facts({ known: { loads: [LOADED, { ...LOADED, numCtx: 8192 }] } }),
    // Of another machine nobody knows who has loaded it.
    await facts({ server: 'http://gpu.lan:11434' }),
    await facts({ known: { loads: [] }, mayAdopt: false }),
  ];
  expect(all.map((one) => briefly(sessionWindow(one)))).toEqual([
    ADOPTED,
    ADOPTED,
    ADOPTED,
    [32_768, 'default', 32_768, true],
  ]);
});

test('another session of this user keeps its window, this process itself is none', async () => {
  const [one, other, third] = [await facts(), await facts(), await facts()];
  enterUse(one.home, { server: HERE, model: 'base' });
  usedByAnother(other.home, 'base');
  usedByAnother(third.home, 'another');
  expect([one, other, third].map((each) => briefly(sessionWindow(each)))).toEqual([OWN, ADOPTED, OWN]);
});

test('a server that has a window of its own is asked for no other one', async () => {
  const known = await facts({ serverWindow: 12_000, configured: 8192, known: { loads: [] } });
  expect(briefly(sessionWindow(known))).toEqual([8192, 'config', 8192, false]);
  expect(briefly(sessionWindow({ ...known, configured: undefined }))).toEqual([
    12_000,
    'server',
    12_000,
    false,
  ]);
});
