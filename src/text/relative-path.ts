import path from 'node:path';

/**
 * A path as people and models read it: relative if it is in `cwd`, else as it is. Both absolute.
 *
 * @param own what `cwd` itself is called.
 */
export function relativePath(file: string, cwd: string, own = file): string {
  const relative = path.relative(cwd, file);
  if (relative === '') return own;
  // A name may begin with two dots.
  return relative.split(path.sep)[0] === '..' ? file : relative;
}
