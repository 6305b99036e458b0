/** Keeps the credentials of an endpoint out of texts: servers and proxies repeat them in their errors. */

const MASK = '********';

/** Shorter texts would be found everywhere by chance. */
const MIN_SECRET = 4;

/** The values of headers in each form in which they may come back. */
export function secretsIn(headers: { readonly [name: string]: string }): string[] {
  return Object.values(headers).flatMap((value) => {
    const bare = value.replace(/^(?:Bearer|Basic) /i, '');
    const plain = /^Basic /i.test(value) ? Buffer.from(bare, 'base64').toString('utf8') : '';
    const forms = [value, bare, plain, plain.slice(plain.indexOf(':') + 1)];
    return forms.flatMap((form) => [form, encodeURIComponent(form.toWellFormed())]);
  });
}

export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter(({ length }) => length >= MIN_SECRET)
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, MASK), text);
}
