/**
 * What the HTTP headers of a message repeat of it in the era without a connection, so that what is between can route it: its version, method
 * and name, and those arguments of a tool that its schema marks with `x-mcp-header`.
 */
import { isObject } from '../../model/json-object.ts';
import type { JsonObject } from '../../protocol.ts';
import { VERSION_KEY } from './era.ts';

const HEADER_NAME = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
/** What a header can hold as it is. Blanks at its ends would be lost. */
const PLAIN = /^(?!=\?base64\?)[!-~](?:[ -~]*[!-~])?$/;

/** Header and path of an argument. */
type Marked = readonly (readonly [header: string, path: readonly string[]])[];

export class MessageHeaders {
  /** Of each tool that has any. */
  readonly #marked = new Map<string, Marked>();

  /** A list of tools has come. */
  learn({ tools }: JsonObject): void {
    for (const tool of Array.isArray(tools) ? tools.filter(isObject) : []) {
      const marked = markedIn(tool.inputSchema, []);
      if (marked.length > 0) this.#marked.set(String(tool.name), marked);
    }
  }

  /** None for messages of the older era. */
  of({ method, params }: JsonObject): Record<string, string> {
    const known = isObject(params) ? params : {};
    const version = isObject(known._meta) ? known._meta[VERSION_KEY] : undefined;
    if (typeof version !== 'string') return {};
    const headers: Record<string, string> = { 'mcp-protocol-version': version, 'mcp-method': String(method) };
    const name = known.name ?? known.uri;
    if (typeof name === 'string') headers['mcp-name'] = encoded(name);
    for (const [header, path] of this.#marked.get(String(known.name)) ?? []) {
      const value = path.reduce<unknown>(
        (part, key) => (isObject(part) ? part[key] : undefined),
        known.arguments,
      );
      if (['string', 'number', 'boolean'].includes(typeof value))
        headers[`mcp-param-${header}`] = encoded(String(value));
    }
    return headers;
  }
}

function markedIn(schema: unknown, path: readonly string[]): Marked {
  if (!isObject(schema)) return [];
  const header = schema['x-mcp-header'];
  const own = typeof header === 'string' && HEADER_NAME.test(header) ? ([[header, path]] as const) : [];
  const inner = isObject(schema.properties) ? Object.entries(schema.properties) : [];
  return [...own, ...inner.flatMap(([key, property]) => markedIn(property, [...path, key]))];
}

function encoded(value: string): string {
  return PLAIN.test(value) ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`;
}
