/** Connections to the servers of the tests. */
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { ConnectOptions, McpConnection, McpProgram } from '../../../src/mcp/connection.ts';
import { connectStdio } from '../../../src/mcp/wire/stdio.ts';

const FAKE = path.join(import.meta.dirname, 'fake-server.mjs');

const NEVER = new AbortController().signal;

export const options = { signal: NEVER, timeoutMs: 30_000 };

const connectOptions: ConnectOptions = { signal: NEVER, startupTimeoutMs: 30_000, version: '1.2.3' };

/** A script, with Node. */
async function connectNode(
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
