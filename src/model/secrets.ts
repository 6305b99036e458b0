/** The credentials of an endpoint as they may come back: servers and proxies repeat them in their errors. */

/** The values of what is added to every address, in the same forms; there a space is a plus sign. */
export function secretsInQuery(query: { readonly [name: string]: string } = {}): string[] {
  return Object.values(query).flatMap((value) => [
    value,
    encodeURIComponent(value.toWellFormed()),
    String(new URLSearchParams({ value })).slice('value='.length),
  ]);
}

/** The values of headers in each form in which they may come back. */
export function secretsIn(headers: { readonly [name: string]: string }): string[] {
  return Object.values(headers).flatMap((value) => {
    const bare = value.replace(/^(?:Bearer|Basic) /i, '');
    const plain = /^Basic /i.test(value) ? Buffer.from(bare, 'base64').toString('utf8') : '';
    const forms = [value, bare, plain, plain.slice(plain.indexOf(':') + 1)];
    return forms.flatMap((form) => [form, encodeURIComponent(form.toWellFormed())]);
  });
}
