import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';

export type Tree = Record<string, string>;

/** All that is in a folder, links not followed: kind, mode and content of each path, without `.git`. */
export function treeOf(folder: string, at = ''): Tree {
  const tree: Tree = {};
  for (const name of readdirSync(path.join(folder, at)).sort()) {
    if (name === '.git') continue;
    const here = at === '' ? name : `${at}/${name}`;
    const file = path.join(folder, here);
    const stat = lstatSync(file);
    const mode = (stat.mode & 0o1777).toString(8);
    if (stat.isSymbolicLink()) tree[here] = `link ${readlinkSync(file)}`;
    else if (stat.isFile()) tree[here] = `file ${mode} ${readFileSync(file, 'latin1')}`;
    else if (stat.isDirectory()) Object.assign(tree, { [here]: `folder ${mode}` }, treeOf(folder, here));
    else tree[here] = 'other';
  }
  return tree;
}
