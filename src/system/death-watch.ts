/**
 * Ends process groups when oagent has ended without being able to do so itself (`kill -9`, SIGQUIT, a crash): a shell in a session of
 * its own hears which groups there are, and that oagent is gone when its input ends. It does not keep oagent from exiting.
 */
import type { Writable } from 'node:stream';
import { launch } from './launch.ts';

/**
 * `+ PID` and `- PID` come in, one a line. In the end everything is killed that belongs to the session of such a process, or where there
 * is no /proc to its group. Twice, because a process may be starting another one meanwhile.
 */
const SCRIPT = `
groups=
while read -r what pid; do
  if [ "$what" = + ]; then groups="$groups $pid"; continue; fi
  kept=
  for one in $groups; do [ "$one" = "$pid" ] || kept="$kept $one"; done
  groups=$kept
done
[ -z "$groups" ] && exit
for round in 1 2; do
  for one in $groups; do kill -KILL -"$one"; done
  for stat in /proc/[0-9]*/stat; do
    read -r line < "$stat" || continue
    set -- \${line##*) }
    for one in $groups; do
      [ "$4" = "$one" ] || continue
      process=\${stat%/stat}
      kill -KILL "\${process#/proc/}"
    done
  done
done
`;

let input: Writable | undefined;

/** To be called before the process is started: while the watcher starts, nobody would end it. */
export function prepareWatch(): void {
  input ??= startWatcher();
}

/** From now on the group, and session, of this process ends with oagent. */
export function watchGroup(pid: number): void {
  prepareWatch();
  input?.write(`+ ${pid}\n`);
}

export function unwatchGroup(pid: number): void {
  input?.write(`- ${pid}\n`);
}

function startWatcher(): Writable {
  const options = { cwd: '/', env: { PATH: '/usr/bin:/bin' }, hasInput: true };
  const { stdin } = launch('/bin/sh', ['-c', SCRIPT], options);
  if (stdin === null) throw new Error('/bin/sh has no input');
  // It may have been killed.
  stdin.on('error', () => undefined);
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return stdin;
}
