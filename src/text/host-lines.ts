/** What each of several hosts said, for a person: one line each. */
import type { HostAnswer } from '../protocol.ts';

export function hostLines(hosts: readonly HostAnswer[]): string[] {
  return hosts.map(({ host, says, isUsed }) => `${host}: ${isUsed ? 'in use, ' : ''}${says}`);
}
