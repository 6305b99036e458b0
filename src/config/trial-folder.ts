import path from 'node:path';

/** Where the changes of a session on trial are until the user decides. @param home oagent's own folder */
export function trialFolder(home: string, session: string): string {
  return path.join(home, 'trials', session);
}
