/** Shows the user a page in the browser, which may outlive oagent. */

import { trustedProgram } from './find-program.ts';
import { launch } from './launch.ts';

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'open', linux: 'xdg-open' };

/**
 * @param address that begins with http:// or https://.
 * @returns false if there is no browser here, as over SSH. Never throws.
 */
export function openInBrowser(address: string, cwd: string, env: NodeJS.ProcessEnv): boolean {
  const opener = OPENERS[process.platform];
  const hasScreen = process.platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
  if (opener === undefined || !hasScreen || env.SSH_CONNECTION !== undefined) return false;
  if (!/^https?:\/\//.test(address)) return false;
  try {
    const { file, env: clean } = trustedProgram(opener, cwd, env);
    launch(file, [address], { cwd: '/', env: clean });
    return true;
  } catch {
    return false;
  }
}
