/**
 * Checks one layer of the configuration against the schema: what is wrong with it, and which of its keys are unknown.
 * load.ts adds the file and line.
 */
import * as z from 'zod/mini';
import { adaptCodex } from './adapt-codex.ts';
import { renameAliases } from './aliases.ts';
import { type CodexKey, codexKeys } from './codex-keys.ts';
import { printable } from './errors.ts';
import { FEATURES } from './features.ts';
import { knownKeys } from './known-keys.ts';
import { configSchema } from './schema.ts';
import { isSecretKey } from './secrets.ts';
import { nearestName } from './suggest.ts';
import { isTable, removeAt, type Table, valueAt } from './table.ts';

export interface Problem {
  readonly path: readonly PropertyKey[];
  /** What was expected and what was found. */
  readonly message: string;
}

export interface UnknownKey {
  readonly path: readonly PropertyKey[];
  /** The name that was probably intended, in the same table. */
  readonly suggestion?: string;
}

/**
 * Checks a layer and removes unknown and unused keys in place; the rest can be merged and parsed.
 * `unused`: keys of Codex with which something is lost.
 */
export function checkLayer(values: Table): {
  readonly problems: readonly Problem[];
  readonly unknown: readonly UnknownKey[];
  readonly unused: readonly CodexKey[];
} {
  const problems: Problem[] = [];
  const unknown: UnknownKey[] = [];
  renameAliases(values);
  const unused = adaptCodex(values);
  const result = z.safeParse(configSchema, values);
  for (const issue of result.error?.issues ?? []) {
    if (issue.code !== 'unrecognized_keys') {
      const found = describeValue(issue.path, valueAt(values, issue.path));
      problems.push({ path: issue.path, message: `expected ${expectedOf(issue)}, got ${found}` });
      continue;
    }
    for (const name of issue.keys) {
      const path = [...issue.path, name];
      if (isKeyAction(path, valueAt(values, path))) {
        problems.push({ path, message: unknownAction(path) });
        continue;
      }
      for (const key of codexKeys(path, valueAt(values, path))) {
        if (key.advice === undefined) unknown.push(withSuggestion(key.path));
        else unused.push(key);
      }
      removeAt(values, path);
    }
  }
  return { problems, unknown, unused };
}

/** A key that does nothing would be looked for on the keyboard. Codex has a table for each place, which says so itself. */
function isKeyAction(path: readonly PropertyKey[], value: unknown): boolean {
  const [table, name] = path.slice(-3);
  return table === 'tui' && name === 'keymap' && !isTable(value);
}

function unknownAction(path: readonly PropertyKey[]): string {
  const { suggestion } = withSuggestion(path);
  if (suggestion !== undefined) return `there is no such action; did you mean ${suggestion}?`;
  return `there is no such action. There are ${knownKeys(path.slice(0, -1)).join(', ')}`;
}

function withSuggestion(path: readonly PropertyKey[]): UnknownKey {
  const table = path.slice(0, -1);
  const names = table.at(-1) === 'features' ? FEATURES.map(({ name }) => name) : knownKeys(table);
  return { path, suggestion: nearestName(String(path.at(-1)), names) };
}

function expectedOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return typeName(issue.expected);
    case 'invalid_value':
      return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      if (issue.origin === 'string') return 'a text that is not empty';
      return `a number ${issue.inclusive ? 'of at least' : 'above'} ${issue.minimum}`;
    case 'too_big':
      return `a number ${issue.inclusive ? 'of at most' : 'below'} ${issue.maximum}`;
    case 'invalid_union':
      return issue.errors.flatMap((errors) => errors.map(expectedOf)).join(' or ');
    case 'custom':
      return issue.message;
    default:
      return 'a different value';
  }
}

function typeName(type: string): string {
  switch (type) {
    case 'string':
      return 'a string';
    case 'int':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'an array';
    case 'object':
    case 'record':
      return 'a table';
    default:
      return type;
  }
}

function describeValue(path: readonly PropertyKey[], value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (isTable(value)) return 'a table';
  if (value instanceof Date) return 'a date';
  if (isSecretKey(path)) return `a ${typeof value}`;
  if (typeof value !== 'string') return String(value);
  return printable(JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value));
}
