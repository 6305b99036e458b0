/** Commands of Codex that do not exist here, and what to do instead. */

const WORDS: { readonly [word: string]: string } = {
  a: 'there are no cloud tasks to apply',
  agents: 'there is one agent a session',
  app: 'there is no desktop app',
  'app-server': 'programs use `oagent exec --json`, or the library',
  apply: 'there are no cloud tasks to apply',
  cloud: 'everything runs on this machine',
  'exec-server': 'programs use `oagent exec --json`, or the library',
  execpolicy: 'use `oagent rules check -- COMMAND`',
  login: 'models run in Ollama, without an account (for its cloud models: `ollama signin`)',
  logout: 'models run in Ollama, without an account (for its cloud models: `ollama signout`)',
  mcp: 'MCP servers are not supported',
  'mcp-server': 'programs use `oagent exec --json`, or the library',
  'migrate-nfs-db': 'there is nothing to migrate',
  'migrate-rollouts': 'there is nothing to migrate; `oagent sessions import` copies sessions of Codex',
  plugin: 'plugins are not supported',
  proto: 'programs use `oagent exec --json`, or the library',
  queue: 'messages are queued in the session itself, with Tab',
  'remote-control': 'programs use `oagent exec --json`, or the library',
  'responses-api-proxy': 'oagent speaks only to Ollama',
  review: 'type /review in a session',
  update: 'update it with npm, as it was installed',
};

/** What to say to a word that is a command only in Codex. @param command the one that it follows. */
export function codexWord(command: string, word: string | undefined): string | undefined {
  const isKnown = command === 'oagent' || (command === 'exec' && word === 'review');
  if (word === undefined || !isKnown || !Object.hasOwn(WORDS, word)) return undefined;
  return `'${word}' is a command of Codex, not of oagent: ${WORDS[word]}. To send it as a message, put \`--\` before it`;
}
