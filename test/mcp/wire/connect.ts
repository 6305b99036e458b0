/** Connections to the servers of the tests. */
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { ConnectOptions, McpAddress, McpConnection, McpProgram } from '../../../src/mcp/connection.ts';
import { connectHttp } from '../../../src/mcp/wire/http.ts';
import { connectStdio } from '../../../src/mcp/wire/stdio.ts';

const FAKE = path.join(import.meta.dirname, 'fake-server.mjs');

const NEVER = new AbortController().signal;

export const options = { signal: NEVER, timeoutMs: 30_000 };

const connectOptions: ConnectOptions = { signal: NEVER, startupTimeoutMs: 30_000, version: '1.2.3' };

/** By HTTP. */
export async function connectUrl(
  url: string,
  more: Partial<ConnectOptions & McpAddress> = {},
): Promise<McpConnection> {
  const { headers = {}, ...rest } = more;
  const connection = await connectHttp({ url, headers }, { ...connectOptions, ...rest });
  onTestFinished(() => connection.close());
  return connection;
}

/** A script as a process of its own; the first line that it writes to stderr. */
export async function startScript(
  script: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const server = execa(process.execPath, [script, ...args], { reject: false, env, stdout: 'ignore' });
  onTestFinished(() => void server.kill('SIGKILL'));
  const [line] = await once(createInterface(server.stderr), 'line');
  return String(line);
}

/** A script, with Node. */
export async function connectNode(
  script: string,
  args: readonly string[],
  more: Partial<ConnectOptions & McpProgram> = {},
): Promise<McpConnection> {
  const { env = { PATH: process.env.PATH }, cwd = import.meta.dirname, prepare, ...rest } = more;
  const program = {
    command: process.execPath,
    args: [script, ...args],
    env,
    cwd,
    ...(prepare && { prepare }),
  };
  const connection = await connectStdio(program, { ...connectOptions, ...rest });
  onTestFinished(() => connection.close());
  return connection;
}

export function connectFake(
  mode: string,
  more?: Partial<ConnectOptions & McpProgram>,
): Promise<McpConnection> {
  return connectNode(FAKE, mode.split(' '), more);
}

/** What it says when it is asked to be bad. */
export async function callBad(connection: McpConnection, timeoutMs = 30_000): Promise<string> {
  return textOf(await connection.call('bad', {}, { ...options, timeoutMs }));
}

export function textOf({ content }: Awaited<ReturnType<McpConnection['call']>>): string {
  return content.map((part) => (part.type === 'text' ? part.text : JSON.stringify(part))).join('');
}

/** All that it was sent. */
export async function seenBy(connection: McpConnection): Promise<unknown[]> {
  return JSON.parse(textOf(await connection.call('seen', {}, options)));
}
