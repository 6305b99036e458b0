import path from 'node:path';

/** Where it is kept what the files that a session changed were before. @param home oagent's own folder */
export function checkpointsFolder(home: string, session: string): string {
  return path.join(home, 'checkpoints', session);
}
