/** Several hosts, for a person. */
import type { HostAnswer } from '../protocol.ts';

/** What each said: one line each. */
export function hostLines(hosts: readonly HostAnswer[]): string[] {
  return hosts.map(({ host, says, isUsed }) => `${host}: ${isUsed ? 'in use, ' : ''}${says}`);
}

/** The address of the one that is used; undefined: there is a single host, or none of them can be used. */
export function hostInUse(hosts: readonly HostAnswer[] = []): string | undefined {
  return hosts.find(({ isUsed }) => isUsed)?.host;
}

/** That no server can be used. @param server its name is absent if it is Ollama. */
export function awayText(server: {
  readonly name?: string | undefined;
  readonly host: string;
  readonly hosts?: readonly HostAnswer[] | undefined;
}): string {
  const { name = 'Ollama', host, hosts = [] } = server;
  return hosts.length > 1
    ? `None of your ${hosts.length} hosts can be used`
    : `${name} does not answer at ${host}`;
}
