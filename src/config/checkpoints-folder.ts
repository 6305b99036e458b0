import path from 'node:path';

/** Where it is kept what the files that a session changed were before. @param home oagent's own folder */
export function checkpointsFolder(home: string, session: string): string {
  return path.join(home, 'checkpoints', session);
}

/** While commands may change it, what the workspace is. @param folder that of a session's checkpoints */
export function workspaceFolder(folder: string): string {
  return path.join(folder, 'workspace');
}

/** There while a command is waited for. @param folder that of a session's checkpoints */
export function runningFile(folder: string): string {
  return path.join(workspaceFolder(folder), 'running');
}
