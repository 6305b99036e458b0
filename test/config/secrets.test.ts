import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { maskSecret, secretValues } from '../../src/config/secrets.ts';

test('the values of headers, of the variables that are named, and of those that are set for commands', () => {
  const overrides = [
    'model_providers.box.base_url=http://box',
    'model_providers.box.env_key=BOX_TOKEN',
    'model_providers.box.http_headers={"X-Team" = "in the file"}',
    'model_providers.box.env_http_headers={"X-User" = "BOX_USER", "X-None" = "NOT_SET"}',
    'shell_environment_policy.set={PLAIN = "for commands"}',
    'index.chroma_headers={"X-Chroma" = "for chroma"}',
    'mcp_servers.near={command = "near", env = {KEY = "for a server"}}',
    'mcp_servers.far={url = "http://far", bearer_token_env_var = "FAR_TOKEN", env_http_headers = {X = "FAR_X"}}',
  ];
  const { config } = loadConfig({ home: '/nonexistent', cwd: '/nonexistent', overrides });
  const env = {
    BOX_TOKEN: 'a token',
    BOX_USER: 'a user',
    OTHER: 'not named',
    FAR_TOKEN: 'far',
    FAR_X: 'far x',
  };
  const values = secretValues(config, env).filter((value) => value !== '');
  expect(values.toSorted()).toEqual([
    ...['a token', 'a user', 'far', 'far x', 'for a server', 'for chroma', 'for commands', 'in the file'],
  ]);
});

test.each([
  [['index', 'chroma_headers', 'X'], 'token', '********'],
  [['index', 'chroma_url'], 'http://me:word@box:8000', 'http://********@box:8000'],
  [['ollama', 'host'], 'me@box?key=1', '********@box?********'],
  [['model'], 'me@box', 'me@box'],
])('%j is shown as it may be', (path, value, shown) => {
  expect(maskSecret(path, value)).toBe(shown);
});
