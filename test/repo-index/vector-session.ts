/** A session's index with vectors, against a scripted server. */
import { onTestFinished, vi } from 'vitest';
import { IndexService } from '../../src/repo-index/service.ts';
import type { VectorSetup } from '../../src/repo-index/vectors/vector-side.ts';
import type { NoVectors, VectorsStatus } from '../../src/repo-index/vectors/vectors-state.ts';
import type { TestOllama } from '../support/ollama-server.ts';
import { addon } from './vector-support.ts';

export const EMBED = {
  name: 'nomic-embed-text',
  path: 'native',
  capabilities: ['embedding'],
  contextLength: 2048,
} as const;

export const FILES = {
  'src/config.ts': 'export function parseConfigFile(name: string) {\n  return toml.parse(name);\n}\n',
  'src/pool.ts': 'export class SocketPool {\n  acquire() {\n    return this.idle.pop();\n  }\n}\n',
  'src/table.ts': 'export function renderMarkdownTable(rows: string[]) {\n  return rows.map(join);\n}\n',
};

export interface Made {
  readonly index: IndexService;
  readonly vectors: () => Partial<VectorsStatus & NoVectors>;
}

export function service(
  root: string,
  home: string,
  host: string,
  more: Partial<VectorSetup> & { readonly watch?: boolean } = {},
): Made {
  // The thread sees the environment of its start.
  if (addon !== undefined) vi.stubEnv('OAGENT_CHROMA_ADDON', addon);
  const { watch = false, ...setup } = more;
  const vectors = { config: {}, endpoint: { host, headers: {} }, purpose: 'make' as const, ...setup };
  const index = new IndexService({ cwd: root, home, watch, vectors, injectMs: 60_000 });
  onTestFinished(async () => {
    await index.close();
    vi.unstubAllEnvs();
  });
  return {
    index,
    vectors: () => {
      const status = index.status();
      return ('vectors' in status && status.vectors) || {};
    },
  };
}

/** Texts that the server was asked to embed and has answered. */
export const inputs = ({ log }: Pick<TestOllama, 'log'>): string[] =>
  log
    .filter(({ path: name, status }) => name === '/api/embed' && status === 200)
    .flatMap(({ body }) => (body as { input: string[] }).input);

export async function build({ index }: Made): Promise<void> {
  await index.update();
  await index.embedded();
}
