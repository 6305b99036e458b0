import path from 'node:path';

/** Where the trials of all sessions are. @param home oagent's own folder */
export function trialsFolder(home: string): string {
  return path.join(home, 'trials');
}

/** Where the changes of a session on trial are until the user decides. */
export function trialFolder(home: string, session: string): string {
  return path.join(trialsFolder(home), session);
}
