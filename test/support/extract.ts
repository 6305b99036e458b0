/** Phase 1 over a real connection: sessions in a store, and a scripted model that is asked about them. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Script } from '../../src/demo/script.ts';
import { type ExtractDeps, extractNext } from '../../src/memory/extract/extract-next.ts';
import { AskedModel } from '../../src/memory/run/ask-model.ts';
import { recordOf } from '../../src/memory/store/records.ts';
import type { RecordRow, ThreadRow } from '../../src/memory/store/schema.ts';
import { putThread } from '../../src/memory/store/threads.ts';
import type { MemoryStep } from '../../src/memory/work.ts';
import { OllamaClient } from '../../src/model/client.ts';
import type { Happening, Item } from '../../src/protocol.ts';
import { type EventMessage, lineText, ROLLOUT_VERSION, type RolloutLine } from '../../src/rollout/lines.ts';
import type { Sqlite } from '../../src/system/sqlite.ts';
import { uuidv7 } from '../../src/text/uuid.ts';
import { type ChatBody, chatBodies } from './exec.ts';
import { memoryHome, NOON } from './memory.ts';
import { RENDERED, type TestOllama, withOllama } from './ollama-server.ts';
import { tempFolder } from './temp-folder.ts';

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

/** A rollout of these items and happenings, as the recorder writes them. @returns its path. */
export async function rolloutOf(shown: readonly (Item | Happening)[], cwd = '/work/shop'): Promise<string> {
  const id = uuidv7();
  const file = path.join(await tempFolder(), `rollout-${id}.jsonl`);
  const meta = { timestamp: new Date(NOON).toISOString(), cwd, originator: 'oagent', cli_version: '0' };
  const kind = { rollout_version: ROLLOUT_VERSION, source: 'cli', model_provider: 'ollama' } as const;
  const lines: RolloutLine[] = [
    { type: 'session_meta', payload: { id, ...meta, ...kind } },
    ...shown.map((entry): RolloutLine => ({ type: 'event_msg', payload: payloadOf(entry) })),
  ];
  writeFileSync(file, lines.map((line) => lineText(line, new Date(NOON))).join(''));
  return file;
}

function payloadOf(entry: Item | Happening): EventMessage {
  if ('id' in entry && entry.type !== 'approval_resolved')
    return { type: 'item_completed', item_type: entry.type, item_id: entry.id, item: entry };
  if (entry.type === 'turn_aborted') return { type: 'turn_aborted', turn_id: 't' };
  return { type: 'happened', event: entry as Happening };
}

export const userSaid = (text: string): Item => ({ type: 'user_message', id: 'i1', text });
export const modelSaid = (text: string): Item => ({
  type: 'agent_message',
  id: 'i2',
  text,
  status: 'completed',
});
export const ran = (command: string, output = '', exitCode: number | null = 0): Item => ({
  ...{ type: 'command_execution', id: 'i3', command, cwd: '/work/shop', output, exitCode, durationMs: 1 },
  status: exitCode === 0 ? 'completed' : 'failed',
});
export const changed = (...files: string[]): Item => ({
  type: 'file_change',
  id: 'i4',
  changes: files.map((file) => ({
    path: `/work/shop/${file}`,
    kind: 'update',
    diff: '@@ -1 +1 @@\n-a\n+b\n',
  })),
  output: 'ok',
  status: 'completed',
});
