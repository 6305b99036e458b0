import fc from 'fast-check';
import { expect, test } from 'vitest';
import { secretsIn } from '../../src/model/secrets.ts';
import { withoutSecrets } from '../../src/text/secrets.ts';

test('what a server repeats of the credentials is masked in every form', () => {
  const basic = Buffer.from('me:p@ss/word').toString('base64');
  const secrets = secretsIn({ Authorization: `Basic ${basic}`, 'x-key': 'sk-1234' });
  const text = `no ${basic}, me:p@ss/word, p@ss/word, p%40ss%2Fword, sk-1234!`;
  expect(withoutSecrets(text, secrets)).toBe('no ********, ********, ********, ********, ********!');
  expect(withoutSecrets('a key of one letter', secretsIn({ key: 'k' }))).toBe('a key of one letter');
});

test('no part of a key is left, whatever stands around it', () => {
  const key = fc.stringMatching(/^[A-Za-z0-9+/=_-]{8,40}$/);
  fc.assert(
    fc.property(key, fc.string(), fc.string(), (value, before, after) => {
      const clean = withoutSecrets(`${before} ${value} ${after}`, secretsIn({ a: `Bearer ${value}` }));
      expect(clean).not.toContain(value);
    }),
  );
});
