/**
 * TOML tables as plain objects: looking up, setting, merging.
 *
 * Invariant: a key is only ever an own property, so no name reaches an object's prototype; `__proto__` does not survive
 * a merge, because the schema does not look at it.
 */

export interface Table {
  [key: string]: unknown;
}

/** A table without a prototype, so that every name can be assigned to it. */
export function newTable(): Table {
  return Object.create(null);
}

/** True for a table; arrays and TOML dates are values. */
export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The value at a path, or undefined. Array indexes may be part of the path. */
export function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

/**
 * Sets a value in place. Missing tables are created, and a scalar in the way is replaced by one. `path` is not empty.
 */
export function setAt(root: Table, path: readonly string[], value: unknown): void {
  let table = root;
  for (const key of path.slice(0, -1)) {
    const existing = Object.hasOwn(table, key) ? table[key] : undefined;
    const next = isTable(existing) ? existing : newTable();
    table[key] = next;
    table = next;
  }
  table[path.at(-1) ?? ''] = value;
}

/** Removes a key in place, if it is there. */
export function removeAt(root: Table, path: readonly PropertyKey[]): void {
  const parent = valueAt(root, path.slice(0, -1));
  if (isTable(parent)) Reflect.deleteProperty(parent, path.at(-1) ?? '');
}

/** Merges layers into a new table; later ones win: tables merge, scalars and arrays replace, `undefined` is ignored. */
export function mergeTables(...layers: readonly Table[]): Table {
  const merged = newTable();
  for (const layer of layers) {
    for (const [key, value] of Object.entries(layer)) {
      if (value === undefined || key === '__proto__') continue;
      const below = merged[key];
      merged[key] = isTable(value) ? mergeTables(isTable(below) ? below : newTable(), value) : value;
    }
  }
  return merged;
}

/** Every value that is not a table, with its path, in the order of the table. */
export function* leaves(
  table: Table,
  path: readonly string[] = [],
): Generator<{ readonly path: readonly string[]; readonly value: unknown }> {
  for (const [key, value] of Object.entries(table)) {
    if (value === undefined) continue;
    if (isTable(value)) yield* leaves(value, [...path, key]);
    else yield { path: [...path, key], value };
  }
}
