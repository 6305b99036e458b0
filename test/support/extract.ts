/** Phase 1 over a real connection: sessions in a store, and a scripted model that is asked about them. */
import type { Script } from '../../src/demo/script.ts';
import { type ExtractDeps, extractNext } from '../../src/memory/extract/extract-next.ts';
import { AskedModel } from '../../src/memory/run/ask-model.ts';
import { recordOf } from '../../src/memory/store/records.ts';
import type { RecordRow, ThreadRow } from '../../src/memory/store/schema.ts';
import { putThread } from '../../src/memory/store/threads.ts';
import type { MemoryStep } from '../../src/memory/work.ts';
import { OllamaClient } from '../../src/model/client.ts';
import type { Sqlite } from '../../src/system/sqlite.ts';
import { type ChatBody, chatBodies } from './exec.ts';
import { memoryHome, NOON } from './memory.ts';
import { RENDERED, type TestOllama, withOllama } from './ollama-server.ts';

const DAY = 86_400_000;

export interface Extraction {
  readonly store: Sqlite;
  readonly server: TestOllama;
  readonly deps: ExtractDeps;
  /** A session that was last used a day before NOON. */
  readonly add: (id: string, rollout: string, more?: Partial<ThreadRow>) => void;
  readonly next: (signal?: AbortSignal) => Promise<MemoryStep>;
  readonly record: (id: string) => Pick<RecordRow, 'slug' | 'summary' | 'raw'> | undefined;
  readonly asked: () => readonly ChatBody[];
}

export async function extraction(
  script: Script,
  { numCtx = 8_192, ...more }: Partial<ExtractDeps> & { readonly numCtx?: number } = {},
): Promise<Extraction> {
  const { store } = await memoryHome();
  const server = await withOllama(script);
  const settings = {
    ...{ model: RENDERED.name, numCtx, numPredict: 512, keepAlive: '30m', think: true },
    ...{ sampling: {}, idleTimeoutMs: 60_000, reconnectMs: 0 },
  };
  const model = new AskedModel({ client: new OllamaClient({ host: server.host, headers: {} }), settings });
  const config = { max_rollout_age_days: 30, min_rollout_idle_hours: 12, exec_sessions: true };
  const deps: ExtractDeps = { store, model, now: () => NOON, config, secrets: [], ...more };
  return {
    store,
    server,
    deps,
    add: (id, rollout, thread = {}) =>
      putThread(store, {
        ...{ id, rollout, cwd: '/work/shop', branch: null, source: 'exec', updated: NOON - DAY },
        ...{ is_remembered: 1, is_trusted: 1 },
        ...thread,
      }),
    next: (signal = new AbortController().signal) => extractNext(deps, signal),
    record: (id) => {
      const row = recordOf(store, id);
      return row && { slug: row.slug, summary: row.summary, raw: row.raw };
    },
    asked: () => chatBodies(server.log),
  };
}
