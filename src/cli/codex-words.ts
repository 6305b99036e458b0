/** Commands of Codex that oagent has under another name or not at all: said in a line, so that none becomes a task. */

const NO_ACCOUNT = 'models run on your own machine and need no account';
const NO_SERVER = 'oagent is used as a library (docs/commands.md) or by `oagent exec --json`';

const NO_CLOUD = 'there is no cloud; everything runs here';

const WORDS: { readonly [word: string]: string } = {
  login: NO_ACCOUNT,
  logout: NO_ACCOUNT,
  cloud: NO_CLOUD,
  agents: 'a session has one agent; `oagent resume` lists the sessions',
  apply: 'it applies a cloud task of Codex; for a patch there is `oagent apply-patch`',
  update: 'update with npm: npm install --global oagent',
  'app-server': NO_SERVER,
  'exec-server': NO_SERVER,
  'remote-control': NO_SERVER,
  proto: NO_SERVER,
  plugin: 'plugins are not supported',
  plugins: 'plugins are not supported',
  execpolicy: 'rules are checked by `oagent rules check -- COMMAND`',
  a: 'it applies a cloud task of Codex; for a patch there is `oagent apply-patch`',
  app: NO_CLOUD,
  'migrate-rollouts': 'sessions of Codex are copied by `oagent sessions import`',
  'responses-api-proxy': NO_SERVER,
  queue: 'messages are queued in a running session, with Tab',
};

/** Of `exec`. */
const EXEC_WORDS: typeof WORDS = { review: 'use `oagent review`, which takes the same flags' };

/** What to say about this word, typed where a command stands; undefined: it is no such command. */
export function codexWord(word: string, command: 'oagent' | 'oagent exec' = 'oagent'): string | undefined {
  const words = command === 'oagent' ? WORDS : EXEC_WORDS;
  const reason = Object.hasOwn(words, word) ? words[word] : undefined;
  if (reason === undefined) return undefined;
  return `error: ${command} has no command \`${word}\`: ${reason}.\nTo send the word as a message: ${command} -- ${word}`;
}
