import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isThisMachine, parseHost, serverId } from '../../src/model/host.ts';

test.each([
  [undefined, 'http://127.0.0.1:11434'],
  ['', 'http://127.0.0.1:11434'],
  ['localhost', 'http://localhost:11434'],
  ['1.2.3.4', 'http://1.2.3.4:11434'],
  [':8080', 'http://127.0.0.1:8080'],
  ['0.0.0.0', 'http://127.0.0.1:11434'],
  ['0.0.0.0:8080', 'http://127.0.0.1:8080'],
  ['1.2.3.4:8080', 'http://1.2.3.4:8080'],
  ['http://gpu.lan', 'http://gpu.lan:80'],
  ['https://gpu.lan', 'https://gpu.lan:443'],
  ['HTTPS://gpu.lan:9000/', 'https://gpu.lan:9000'],
  ['http://gpu.lan:9000/ollama//', 'http://gpu.lan:9000/ollama'],
  ['gpu.lan/ollama', 'http://gpu.lan:11434/ollama'],
  ['gpu.lan:99999', 'http://gpu.lan:11434'],
  ['https://gpu.lan:x', 'https://gpu.lan:443'],
  ['[::1]', 'http://[::1]:11434'],
  ['[::1]:8080', 'http://[::1]:8080'],
  ['::1', 'http://[::1]:11434'],
  ['[::]:8080', 'http://[::1]:8080'],
  ['  "localhost:1"  ', 'http://localhost:1'],
  ["'localhost:1'", 'http://localhost:1'],
  ['https://me:secret@gpu.lan:8443/o', 'https://me:secret@gpu.lan:8443/o'],
  ['11435', 'http://127.0.0.1:11435'],
  ['http://gpu.lan:9000/v1', 'http://gpu.lan:9000'],
  ['http://gpu.lan:9000/v1/chat/completions', 'http://gpu.lan:9000'],
  ['http://gpu.lan:9000/api/chat/', 'http://gpu.lan:9000'],
  ['http://gpu.lan:9000/ollama/api', 'http://gpu.lan:9000/ollama'],
  ['http://gpu.lan:9000/apiary', 'http://gpu.lan:9000/apiary'],
  ['http://me:p@ss/w:rd#?%@gpu.lan:1', 'http://me:p%40ss%2Fw%3Ard%23%3F%25@gpu.lan:1'],
  ['http://gpu.lan:9000/api/ps', 'http://gpu.lan:9000'],
  ['http://gpu.lan:9000/api/v1', 'http://gpu.lan:9000'],
  ['http://gpu.lan:9000/API/tags?name=x', 'http://gpu.lan:9000'],
  ['http://gpu.lan:9000#x', 'http://gpu.lan:9000'],
  ['gpu.lan:9000?x=/y', 'http://gpu.lan:9000'],
  ['me:://@gpu.lan:1', 'http://me:%3A%2F%2F@gpu.lan:1'],
  ['http://me:p%40ss@gpu.lan:1', 'http://me:p%40ss@gpu.lan:1'],
])('%s is %s', (value, expected) => {
  expect(parseHost(value)).toBe(expected);
});

test('any user and password come back as they were, encoded or not', () => {
  const part = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.isWellFormed());
  fc.assert(
    fc.property(part, part, (user, password) => {
      const name = user.replace(/[:%"'\s]/g, '') || 'me';
      const plain = password.replaceAll('%', '').replace(/["'\s]/g, '') || 'x';
      for (const written of [`${name}:${plain}`, [name, plain].map(encodeURIComponent).join(':')]) {
        const url = new URL(parseHost(`http://${written}@gpu.lan:1/o?q#f`));
        expect([url.username, url.password].map(decodeURIComponent)).toEqual([name, plain]);
        expect(url.host).toBe('gpu.lan:1');
      }
    }),
  );
});

test('one server has one identity, whatever it is called', () => {
  const ids = (...names: string[]): Set<string> => new Set(names.map((name) => serverId(parseHost(name))));
  expect(ids('', 'localhost', 'LocalHost:11434', '127.0.0.1', '[::1]', '::1', '0.0.0.0', '::')).toEqual(
    new Set(['http://127.0.0.1:11434']),
  );
  expect(ids('http://GPU.lan/o/', 'http://gpu.lan:80/o', 'http://gpu.lan./o/v1')).toEqual(
    new Set(['http://gpu.lan:80/o']),
  );
  expect(ids('https://[::ffff:127.0.0.1]', 'https://localhost:443')).toEqual(
    new Set(['https://127.0.0.1:443']),
  );
  expect(ids('127.0.0.1', '127.0.0.2', 'localhost:1', 'https://localhost:11434', 'localhost:1/a').size).toBe(
    5,
  );
  expect(serverId('no address')).toBe('no address');
});

test('this machine is known by all its names, and no other is', () => {
  const own = ['', 'localhost', 'LOCALHOST.:1', '127.0.0.1', '127.1.2.3', '[::1]', '[::ffff:127.0.0.1]'];
  const others = ['box', 'localhost.example.org', '10.0.0.1', '127.0.0.1.example.org', '[::2]'];
  expect([...own, ...others].map((host) => isThisMachine(parseHost(host)))).toEqual([
    ...own.map(() => true),
    ...others.map(() => false),
  ]);
});
