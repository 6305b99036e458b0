import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MASK, maskSecrets } from '../../src/text/secrets.ts';
import { anyText } from '../support/any-text.ts';

const TOKEN = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789';

test.each([
  [`push with ${TOKEN}, then stop`, `push with ${MASK}, then stop`],
  [`git clone https://me:pa55@git.example/x.git`, `git clone ${MASK}`],
  ['-----BEGIN RSA PRIVATE KEY-----\nabc\ndef\n-----END RSA PRIVATE KEY-----\nend', `${MASK}\nend`],
  ['-----BEGIN PRIVATE KEY-----\nabc', MASK],
  ['API_KEY=abcdef ls', `API_KEY=${MASK} ls`],
  ['export DB_PASSWORD="correct horse"', `export DB_PASSWORD="${MASK}"`],
  ['{"apiKey": "a1b2c3d4"}', `{"apiKey": "${MASK}"}`],
  ['my password is hunter2!', `my password is ${MASK}`],
  ['Das Passwort lautet Geheim77', `Das Passwort lautet ${MASK}`],
  ['The password of the staging database is hunter2-abc', `The password of the staging database is ${MASK}`],
  ['Passwort für staging ist Geheim123', `Passwort für staging ist ${MASK}`],
  ['password for root: Tr0ub4dor', `password for root: ${MASK}`],
  ['the secret key wJalrXUtnFEMI/K7MDENG', `the secret key ${MASK}`],
  ['curl -u admin:Sommer2026 https://a.invalid', `curl -u ${MASK} https://a.invalid`],
  ['the token of the parser is eof', 'the token of the parser is eof'],
  ['the token for numbers is 4096', 'the token for numbers is 4096'],
  ['sort -u a.txt', 'sort -u a.txt'],
  ['密码是abc123', `密码是${MASK}`],
  [`curl -H "Authorization: Bearer ${TOKEN}"`, `curl -H "Authorization: ${MASK}"`],
  ['the author: Bob wrote keyboard: layout', 'the author: Bob wrote keyboard: layout'],
  ['const token: string = read();', 'const token: string = read();'],
  ['npm test passed', 'npm test passed'],
])('%j', (text, expected) => {
  expect(maskSecrets(text)).toBe(expected);
});

test('any text around a secret', () => {
  fc.assert(
    fc.property(anyText(300), anyText(300), (before, after) => {
      expect(maskSecrets(`${before} ${TOKEN} ${after}`)).not.toContain(TOKEN);
    }),
  );
  const begun = performance.now();
  for (const text of [
    `${TOKEN} `.repeat(5_000),
    'a=1 '.repeat(30_000),
    'password '.repeat(20_000),
    'password for '.repeat(20_000),
    ' -u a'.repeat(20_000),
    '-----BEGIN '.repeat(10_000),
    'x'.repeat(200_000),
  ])
    maskSecrets(text);
  expect(performance.now() - begun).toBeLessThan(20_000);
});
