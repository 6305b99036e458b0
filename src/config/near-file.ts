/** Notices a file whose name is nearly the one that is looked for, such as `agents.md`: it would be missed in silence. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { printable } from './errors.ts';

/** A line for the user about each of `names` that is missing in `folder` (absolute) although a file is nearly called so. */
export function nearFiles(folder: string, names: readonly string[]): string[] {
  const files = filesOf(folder);
  const missing = names.filter((name) => !files.includes(name));
  return missing.flatMap((name) => {
    const near = files.find((file) => !names.includes(file) && folded(file) === folded(name));
    if (near === undefined) return [];
    return [`${printable(path.join(folder, near))} is not read: its name has to be ${printable(name)}`];
  });
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

/** Without what people get wrong: capitals, one or many. */
function folded(name: string): string {
  return name.toLowerCase().replace(/s(?=\.|$)/g, '');
}
