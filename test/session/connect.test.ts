import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { endpointsOf } from '../../src/session/connect.ts';
import { planSession } from '../../src/session/plan.ts';
import { tempFolder } from '../support/temp-folder.ts';

/** The addresses that a session would use, with this configuration, `-c` and environment. */
async function hostsOf(toml: string, config: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const home = path.join(await tempFolder(), 'home');
  mkdirSync(home);
  writeFileSync(path.join(home, 'config.toml'), toml);
  const plan = planSession({ cd: await tempFolder(), config }, { env: { ...env, OAGENT_HOME: home } });
  return endpointsOf(plan).map(({ host }) => host);
}

const HOSTS = '[ollama]\nhosts = ["gaming", "https://gpu.lan", "gaming:11434"]\n';
const BOTH = ['http://gaming:11434', 'https://gpu.lan:443'];

test('hosts are normalised, and none is asked twice', async () => {
  expect(await hostsOf(HOSTS)).toEqual(BOTH);
  expect(await hostsOf('[ollama]\nhosts = []\n')).toEqual(['http://127.0.0.1:11434']);
  const same = '[ollama]\nhosts = ["localhost", "127.0.0.1", "[::1]", "gpu", "GPU"]\n';
  expect(await hostsOf(same)).toEqual(['http://localhost:11434', 'http://gpu:11434']);
});

test('a single host goes before hosts, and what is given for this run before all', async () => {
  const env = { OLLAMA_HOST: 'env' };
  expect(await hostsOf(HOSTS, [], env)).toEqual(['http://env:11434']);
  expect(await hostsOf(`${HOSTS}host = "one"\n`)).toEqual(['http://one:11434']);
  expect(await hostsOf(HOSTS, ['ollama.host=flag'], env)).toEqual(['http://flag:11434']);
  expect(await hostsOf('', ['ollama.hosts=["a","b"]'], env)).toEqual(['http://a:11434', 'http://b:11434']);
  expect(await hostsOf('[ollama]\nhost = "one"\n', ['ollama.hosts=["a"]'])).toEqual(['http://a:11434']);
});

test('each gets the same headers', async () => {
  const home = path.join(await tempFolder(), 'home');
  mkdirSync(home);
  writeFileSync(path.join(home, 'config.toml'), `${HOSTS}headers = { x-key = "k" }\n`);
  const plan = planSession({ cd: await tempFolder() }, { env: { OAGENT_HOME: home } });
  expect(endpointsOf(plan)).toEqual(BOTH.map((host) => ({ host, headers: { 'x-key': 'k' } })));
});
