/** Connects to a server that is a program started here: one message a line on its stdin and stdout, and its log on stderr. */
import path from 'node:path';
import type { Prepared } from '../../safety/sandbox/sandbox.ts';
import { trustedFolders, trustedProgram, unsafeFolders } from '../../system/find-program.ts';
import { startGroup } from '../../system/process-group.ts';
import { errorCode, errorMessage } from '../../text/error-message.ts';
import type { ConnectOptions, McpConnection, McpProgram } from '../connection.ts';
import { clientAnswer } from './client-answers.ts';
import { negotiate } from './era.ts';
import { McpError } from './mcp-error.ts';
import { OutputTail } from './output-tail.ts';
import { Peer } from './peer.ts';
import { ServerProcess } from './server-process.ts';
import { ServerSession } from './server-session.ts';

/**
 * Starts it and waits until it is ready.
 * @throws McpError, also if it cannot be started; the reason of the signal. Nothing of it is left then.
 */
export async function connectStdio(program: McpProgram, options: ConnectOptions): Promise<McpConnection> {
  const { signal, startupTimeoutMs: timeoutMs, version, onStatus } = options;
  signal.throwIfAborted();
  let isStarting = true;
  const tail = new OutputTail((line) => isStarting && onStatus?.(line));
  const server = await start(program, tail);
  const { cwd, folder = cwd } = program;
  const peer: Peer = new Peer(server, {
    onNotification: (method) => session?.notified(method),
    answer: (method) => clientAnswer(method, folder),
  });
  let session: ServerSession | undefined;
  server.listen(peer);
  try {
    const era = await negotiate(peer, { signal, timeoutMs, version });
    session = new ServerSession(peer, era, { version, folder });
    session.subscribe();
    isStarting = false;
    return connectionOf(session, server, tail);
  } catch (error) {
    await server.close();
    if (signal.aborted || !(error instanceof McpError)) throw error;
    throw server.isLost ? error : new McpError(`${error.message}${server.oddity}${tail.lastWords}`);
  }
}

function connectionOf(session: ServerSession, server: ServerProcess, tail: OutputTail): McpConnection {
  return {
    manifest: (options) => session.manifest(options),
    call: (tool, args, options) => session.call(tool, args, options),
    prompt: (name, args, options) => session.prompt(name, args, options),
    resource: (uri, options) => session.resource(uri, options),
    stderr: () => tail.lines,
    onEnd: (listener) => server.onEnd(listener),
    onToolsChanged: (listener) => session.onToolsChanged(listener),
    close: () => server.close(),
  };
}

async function start(program: McpProgram, tail: OutputTail): Promise<ServerProcess> {
  const { args, cwd, prepare } = program;
  let prepared: Prepared | undefined;
  try {
    const { file, env } = located(program);
    prepared = await prepare?.([file, ...args], cwd, env);
    const group = await startGroup(prepared?.file ?? file, prepared?.args ?? args, {
      cwd,
      env: prepared?.env ?? env,
      extraFds: prepared?.extraFds ?? [],
      stdin: true,
      isWatched: true,
    });
    return new ServerProcess(group, tail, prepared);
  } catch (error) {
    await prepared?.finish();
    throw new McpError(`The server could not be started: ${reasonOf(error, program)}`);
  }
}

/**
 * A path is the very file that the user means. A name is looked for only where no command can have written, and so is what the program
 * starts itself, such as the `node` of an npx. In a sandbox anything may be started.
 */
function located({ command, cwd, env, prepare }: McpProgram): {
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
} {
  const isPath = command.includes(path.sep);
  if (prepare !== undefined) return { file: isPath ? path.resolve(cwd, command) : command, env };
  if (isPath) {
    const folders = trustedFolders(env.PATH, unsafeFolders(cwd, env));
    return { file: path.resolve(cwd, command), env: { ...env, PATH: folders.join(path.delimiter) } };
  }
  const found = trustedProgram(command, cwd, env);
  return { file: found.file, env: { ...env, PATH: found.env.PATH } };
}

function reasonOf(error: unknown, { command, cwd }: McpProgram): string {
  const code = errorCode(error);
  if (code === 'ENOENT') return `there is no ${command}, or no folder ${cwd}. Check command and cwd.`;
  if (code === 'EACCES') return `${command} is not an executable file. Check its permissions.`;
  return errorMessage(error);
}
