/** The checkpoints of a copied session: it can go back as far as its original could when it was copied. */
import { copyFileSync, linkSync, readdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { checkpointsFolder } from '../../config/checkpoints-folder.ts';
import { makeFolder } from '../../config/make-folder.ts';
import { exists } from '../../config/paths.ts';
import { changeLog } from './change-log.ts';

/** Contents are shared, by hard links; the log comes last, so that a kill leaves all or nothing. @throws a system error */
export function forkCheckpoints(home: string, from: string, to: string): void {
  const [source, target] = [checkpointsFolder(home, from), checkpointsFolder(home, to)];
  if (!exists(changeLog(source))) return;
  const [objects, copies] = [path.join(source, 'objects'), path.join(target, 'objects')];
  makeFolder(copies);
  for (const name of exists(objects) ? readdirSync(objects) : []) {
    // Not what is being written just now.
    if (/^[0-9a-f]{64}$/.test(name)) copy(path.join(objects, name), path.join(copies, name));
  }
  const draft = `${changeLog(target)}.new`;
  copyFileSync(changeLog(source), draft);
  renameSync(draft, changeLog(target));
}

function copy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
