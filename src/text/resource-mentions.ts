/** What `@server:uri` in a message means. Only a server that is configured has a meaning; all else with an @ is left as it is. */

export interface MentionedResource {
  readonly server: string;
  readonly uri: string;
}

const MENTION = /(?<=^|[\s("'`[{<])@([A-Za-z0-9][\w-]{0,62}):([a-z][a-z0-9+.-]{0,30}:\S{1,2000})(?!\S)/gi;
/** Ends a sentence, or what the mention stands in. */
const BEHIND = /[.,;:!?)\]}>"'`]+$/;
const MOST = 5;

/** The resources that it names, each once. @param servers those that are configured. */
export function mentionedResources(
  message: string,
  servers: readonly string[],
): readonly MentionedResource[] {
  const found = new Map<string, MentionedResource>();
  for (const [, server = '', rest = ''] of message.matchAll(MENTION)) {
    const uri = rest.replace(BEHIND, '');
    if (servers.includes(server)) found.set(`${server}:${uri}`, { server, uri });
  }
  return [...found.values()].slice(0, MOST);
}

/** How a message names it; undefined: no message can. */
export function mentionOf({ server, uri }: MentionedResource): string | undefined {
  const mention = `@${server}:${uri}`;
  return mentionedResources(mention, [server])[0]?.uri === uri ? mention : undefined;
}
