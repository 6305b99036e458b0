import fc from 'fast-check';
import { expect, test } from 'vitest';
import { proxyFor } from '../../src/model/proxy.ts';
import { anyText } from '../support/any-text.ts';

const PROXY = 'http://me:secret@proxy.lan:3128';
const used = { variable: 'HTTP_PROXY', url: `${PROXY}/`, shown: 'http://proxy.lan:3128' };

test.each([
  ['http://gpu.lan:1', { HTTP_PROXY: PROXY }, used],
  ['http://gpu.lan:1', { http_proxy: PROXY }, { ...used, variable: 'http_proxy' }],
  ['http://gpu.lan:1', { HTTP_PROXY: 'me:secret@proxy.lan:3128' }, used],
  ['https://gpu.lan', { HTTPS_PROXY: PROXY }, { ...used, variable: 'HTTPS_PROXY' }],
  ['https://gpu.lan', { HTTP_PROXY: PROXY }, undefined],
  ['http://gpu.lan:1', { HTTP_PROXY: ' ' }, undefined],
  ['http://gpu.lan:1', {}, undefined],
  ['http://127.0.0.1:1', { HTTP_PROXY: PROXY }, undefined],
  ['http://localhost:1', { HTTP_PROXY: PROXY }, undefined],
  ['http://[::1]:1', { HTTP_PROXY: PROXY }, undefined],
  [
    'http://gpu.lan:1',
    { HTTP_PROXY: 'socks5://me:secret@p.lan:1' },
    { variable: 'HTTP_PROXY', url: undefined, shown: 'socks5://p.lan:1' },
  ],
  [
    'http://gpu.lan:1',
    { HTTP_PROXY: 'http://me:s@c ret/#%@p.lan:1' },
    { variable: 'HTTP_PROXY', url: 'http://me:s%40c%20ret%2F%23%25@p.lan:1/', shown: 'http://p.lan:1' },
  ],
  ['http://gpu.lan:1', { HTTP_PROXY: 'http://me:x' }, { variable: 'HTTP_PROXY', url: undefined, shown: '' }],
  ['http://ollama.localhost:1', { HTTP_PROXY: PROXY }, undefined],
  ['http://localhost.:1', { HTTP_PROXY: PROXY }, undefined],
  ['http://[::ffff:127.0.0.1]:1', { HTTP_PROXY: PROXY }, undefined],
])('%s with %o', (address, env, expected) => {
  expect(proxyFor(new URL(address), env)).toEqual(expected);
});

test.each([
  ['http://gpu.lan:1', '*', true],
  ['http://gpu.lan:1', 'x, GPU.lan', true],
  ['http://gpu.lan:1', 'lan', true],
  ['http://gpu.lan:1', '.lan', true],
  ['http://gpu.lan:1', '*.lan', true],
  ['http://gpu.lan:1', 'gpu.lan:1', true],
  ['http://gpu.lan:1', 'gpu.lan:2', false],
  ['http://gpu.lan', 'gpu.lan:80', true],
  ['http://gpu.lan:1', 'u.lan', false],
  ['http://gpu.lan:1', '10.0.0.0/8', false],
  ['http://10.1.2.3:1', '10.0.0.0/8', true],
  ['http://11.1.2.3:1', '10.0.0.0/8,10.0.0.0/99,x/8', false],
  ['http://10.1.2.3:1', '10.1.2.3', true],
  ['http://10.1.2.3:1', '2.3', false],
  ['http://[fd00::1]:1', 'fd00::/8', true],
  ['http://[fd00::1]:1', '[fd00::1]:1', true],
  ['http://[fd00::1]:1', 'fd00::1', true],
])('%s is an exception of %s: %s', (address, NO_PROXY, isException) => {
  const proxy = proxyFor(new URL(address), { HTTP_PROXY: PROXY, NO_PROXY });
  expect(proxy === undefined).toBe(isException);
});

test('no text in the variables throws, and what is shown has no password', () => {
  fc.assert(
    fc.property(anyText(), anyText(), (value, NO_PROXY) => {
      const HTTP_PROXY = `http://me:pass-word${value}@proxy.lan`;
      for (const written of [HTTP_PROXY, value]) {
        const proxy = proxyFor(new URL('http://10.1.2.3'), { HTTP_PROXY: written, NO_PROXY });
        expect(proxy?.shown ?? '').not.toContain('pass-word');
      }
    }),
  );
});
