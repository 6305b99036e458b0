/** The checkpoints of a copied session: it can go back as far as its original could when it was copied. */
import {
  constants,
  copyFileSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { checkpointsFolder, runningFile, workspaceFolder } from '../../config/checkpoints-folder.ts';
import { makeFolder } from '../../config/make-folder.ts';
import { exists } from '../../config/paths.ts';
import { changeLog } from './change-log.ts';

/** Contents are shared, by hard links; the log comes last, so that a kill leaves all or nothing. @throws a system error */
export function forkCheckpoints(home: string, from: string, to: string): void {
  const [source, target] = [checkpointsFolder(home, from), checkpointsFolder(home, to)];
  if (exists(runningFile(source))) copyCutOff(source, target);
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

/** A command was cut off: what it has changed is found in the copy as well. */
function copyCutOff(source: string, target: string): void {
  const [from, to] = [workspaceFolder(source), workspaceFolder(target)];
  const { ctimeMs: untilMs } = statSync(runningFile(source));
  const running: object = JSON.parse(readFileSync(runningFile(source), 'utf8'));
  makeFolder(to);
  for (const name of ['bytes', 'known.jsonl'])
    copyFileSync(path.join(from, name), path.join(to, name), constants.COPYFILE_FICLONE);
  writeFileSync(runningFile(target), JSON.stringify({ untilMs, ...running }), { mode: 0o600 });
}

function copy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}
