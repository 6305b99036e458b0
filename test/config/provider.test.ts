import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { loadConfig } from '../../src/config/load.ts';
import { resolveProvider } from '../../src/config/provider.ts';

const config = (...overrides: string[]) =>
  loadConfig({ home: '/nonexistent', cwd: '/nonexistent', overrides }).config;

describe('resolveProvider', () => {
  test('without an address the client decides', () => {
    expect(resolveProvider(config(), {})).toEqual({ id: 'ollama', headers: {}, idleTimeoutMs: 600_000 });
  });

  test.each([
    ['http://h:1', 'http://h:1'],
    ['http://h:1/', 'http://h:1'],
    ['http://h:1/v1', 'http://h:1'],
    [' http://h:1//v1// ', 'http://h:1'],
    ['http://h:1/proxy/v1/', 'http://h:1/proxy'],
    ['http://h:1/v12', 'http://h:1/v12'],
    ['http://h:1/api/v1/x', 'http://h:1/api/v1/x'],
  ])('the address %j is the server %j', (address, baseUrl) => {
    expect(resolveProvider(config(`openai_base_url="${address}"`), {}).baseUrl).toBe(baseUrl);
  });

  test('openai_base_url goes before the provider, the provider before ollama.host', () => {
    const host = 'ollama.host=http://host';
    const provider = 'model_providers.ollama.base_url=http://provider';
    const sdk = 'openai_base_url=http://sdk';
    expect([
      resolveProvider(config(host), {}).baseUrl,
      resolveProvider(config(host, provider), {}).baseUrl,
      resolveProvider(config(host, provider, sdk), {}).baseUrl,
    ]).toEqual(['http://host', 'http://provider', 'http://sdk']);
  });

  test('the key and the headers of Ollama go to no other server', () => {
    const ollama = ['ollama.headers={X-Own = "1"}', 'model_providers.box.base_url=http://box:8080/v1'];
    const env = { OLLAMA_API_KEY: 'k' };
    expect([
      resolveProvider(config(...ollama), env).headers,
      resolveProvider(config(...ollama, 'model_provider=box'), env).headers,
      resolveProvider(
        config(...ollama, 'model_provider=box', 'model_providers.box.env_key=OLLAMA_API_KEY'),
        env,
      ).headers,
    ]).toEqual([{ Authorization: 'Bearer k', 'X-Own': '1' }, {}, { Authorization: 'Bearer k' }]);
  });

  test('a defined provider brings its own address, headers and timeout', () => {
    const overrides = [
      'model_provider=box',
      'openai_base_url=http://elsewhere',
      'oss_provider=lmstudio',
      'model_providers.box.base_url=http://box:11434/v1',
      'model_providers.box.wire_api=chat',
      'model_providers.box.env_key=BOX_KEY',
      'model_providers.box.http_headers={X-Team = "a", X-From = "file"}',
      'model_providers.box.env_http_headers={X-From = "BOX_FROM", X-Gone = "BOX_GONE"}',
      'model_providers.box.query_params={api = "1"}',
      'model_providers.box.request_max_retries=0',
      'model_providers.box.stream_idle_timeout_ms=5',
    ];
    expect(resolveProvider(config(...overrides), { BOX_KEY: 'k', BOX_FROM: 'env' })).toEqual({
      id: 'box',
      baseUrl: 'http://box:11434',
      headers: { Authorization: 'Bearer k', 'X-Team': 'a', 'X-From': 'env' },
      idleTimeoutMs: 5,
      maxRetries: 0,
      other: { name: 'box', apiPath: '/v1', wire: 'chat', query: { api: '1' }, keyVariable: 'BOX_KEY' },
    });
  });

  test.each([
    ['http://h:1', '/v1'],
    ['http://h:1/v1/', '/v1'],
    ['http://h:1/proxy/v1', '/v1'],
    ['http://h:1/proxy/api//v1', '/api/v1'],
    ['http://h:1/v2', '/v2'],
  ])('the API of OpenAI at the address %j is below %j', (address, apiPath) => {
    const overrides = ['model_provider=box', `model_providers.box.base_url="${address}"`];
    expect(resolveProvider(config(...overrides), {}).other?.apiPath).toBe(apiPath);
  });

  test('[ollama] idle_timeout_ms holds where the provider has none', () => {
    expect(resolveProvider(config('ollama.idle_timeout_ms=7'), {}).idleTimeoutMs).toBe(7);
  });

  test('a provider without an address is an error that names what has one', () => {
    expect(() =>
      resolveProvider(config('model_provider=lmstudio', 'model_providers.box.base_url=http://b'), {}),
    ).toThrow(
      new ConfigError(
        'model_provider is "lmstudio", but no [model_providers.lmstudio] with a base_url is defined.\n' +
          'Set model_provider to one of: ollama, box; or give [model_providers.lmstudio] the base_url of your own server, such as "http://127.0.0.1:8080/v1".',
      ),
    );
    expect(() => resolveProvider(config('oss_provider=lmstudio'), {})).toThrow(
      new ConfigError(
        'oss_provider is "lmstudio", but the provider "ollama" is Ollama.\nRemove it, or set model_provider to a provider with the base_url of that server.',
      ),
    );
  });

  test.each(['__proto__', 'constructor', 'toString'])('%j is no provider', (id) => {
    expect(() => resolveProvider(config(`model_provider=${id}`), {})).toThrow(ConfigError);
  });
});
