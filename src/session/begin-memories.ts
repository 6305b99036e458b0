/**
 * What is needed to make memories: the model as it is loaded, the database, and this process alone at work.
 *
 * Invariants: no model is loaded or loaded anew unless the user allows it; nothing is sent to the cloud unless the user has named that
 * model for memories; of the processes of one home only one makes memories.
 */
import path from 'node:path';
import { allSecrets } from '../config/secrets.ts';
import { projectRoot } from '../config/trust.ts';
import { extractNext } from '../memory/extract/extract-next.ts';
import { memoryFolder } from '../memory/folder.ts';
import { MemoryWork } from '../memory/memory-work.ts';
import { consolidateNext } from '../memory/merge/consolidate.ts';
import { memoryFiles } from '../memory/render/memory-files.ts';
import { mergedTexts } from '../memory/render/merged-texts.ts';
import { writeMemoryFiles } from '../memory/render/write-files.ts';
import { AskedModel } from '../memory/run/ask-model.ts';
import { isOnBattery } from '../memory/run/battery.ts';
import type { IdleWork } from '../memory/run/idle-run.ts';
import { untilOthersAsk } from '../memory/run/other-clients.ts';
import { smallestWindow } from '../memory/run/windows.ts';
import { openMemoryStore } from '../memory/store/open-store.ts';
import { syncThreads } from '../memory/store/threads.ts';
import { type ChosenModel, chooseModel } from '../model/choose.ts';
import type { ChatSettings } from '../model/server.ts';
import { lockFile } from '../system/process-lock.ts';
import type { Sqlite } from '../system/sqlite.ts';
import { isCloudName } from '../text/cloud-name.ts';
import type { Connection } from './connect.ts';
import { memoryRights } from './memories.ts';
import type { SessionPlan } from './plan.ts';
import { planModel } from './planned-model.ts';

export interface MemoryParts {
  readonly plan: SessionPlan;
  /** The session's; undefined: the one that a session would use. */
  readonly model: ChosenModel | undefined;
  readonly server: Connection;
  /** Told of a damaged database, in a line for the user. */
  readonly warn: (message: string) => void;
  /** The user has asked for it now: a model may be loaded, and the battery used. */
  readonly isForced: boolean;
}

/** A session's own prompts and answers are not worth a window of their own below this. */
const LEAST_WINDOW = 2_048;
/** A request that has waited longer has waited for somebody else's. */
const QUEUED_MS = 5_000;

/** The work, or why nothing may be done now. @throws ModelError; an error of SQLite; the signal's reason. */
export async function beginMemories(parts: MemoryParts, signal: AbortSignal): Promise<IdleWork | string> {
  const { plan, isForced } = parts;
  const { memories } = plan.loaded.config;
  const { why } = memoryRights(plan);
  if (!memories.enabled || !memories.generate) return why ?? 'memories are not made';
  if (!isForced && !memories.on_battery && (await isOnBattery())) return 'the machine runs on its battery';
  const model = await chosenModel(parts, signal);
  if (isCloudName(model.name) && memories.model === undefined)
    return `${model.name} runs in the cloud: name it in memories.model if it may read your sessions`;
  const settings = await loadedSettings(parts, model, signal);
  if (typeof settings === 'string') return settings;
  const folder = memoryFolder(plan.home);
  const lock = lockFile(path.join(folder.root, '.work.lock'));
  if (lock.isHeld) return `another oagent makes them (process ${lock.pid})`;
  try {
    const store = openMemoryStore(plan.home, parts.warn);
    return { ...workOf(parts, settings, store), close: () => closeAll(store, lock.release) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function closeAll(store: Sqlite, release: () => void): void {
  store.close();
  release();
}

function workOf(
  { plan, server }: MemoryParts,
  settings: ChatSettings,
  store: Sqlite,
): Omit<IdleWork, 'close'> {
  const { home, loaded, env } = plan;
  const { config } = loaded;
  const { client } = server;
  const now = Date.now;
  let seen = (_reason: string): void => undefined;
  const queued = new Promise<string>((resolve) => {
    seen = resolve;
  });
  const onQueued = (ms: number): void => {
    if (ms > QUEUED_MS) seen('another program uses the server');
  };
  const model = new AskedModel({ client, settings, onQueued });
  const secrets = allSecrets(config, env);
  const window = smallestWindow(store, settings.numCtx, now());
  syncThreads(store, home, config);
  const work = new MemoryWork({
    extract: (signal) => extractNext({ store, model, now, config: config.memories, secrets }, signal),
    consolidate: (signal) =>
      consolidateNext(
        { store, model, now, rootOf: (cwd) => projectRoot(config, cwd), smallestWindow: window },
        signal,
      ),
    write: () => writeMemoryFiles(store, memoryFolder(home), () => memoryFiles(store, mergedTexts(store))),
  });
  return {
    step: (signal) => work.step(signal),
    othersAsk: (signal) => Promise.race([untilOthersAsk({ client, model: settings.model }, signal), queued]),
  };
}

async function chosenModel({ plan, model, server }: MemoryParts, signal: AbortSignal): Promise<ChosenModel> {
  const { memories, model: configured } = plan.loaded.config;
  if (memories.model !== undefined) return chooseModel(server.client, memories.model, signal);
  return model ?? chooseModel(server.client, configured, signal);
}

/** With the window that the model is loaded with: another one would make the server load it anew. */
async function loadedSettings(
  { plan, server, isForced }: MemoryParts,
  model: ChosenModel,
  signal: AbortSignal,
): Promise<ChatSettings | string> {
  const { client, idleTimeoutMs } = server;
  const { settings } = planModel(plan, client, model, idleTimeoutMs);
  const mayLoad = isForced || plan.loaded.config.memories.allow_loading;
  const loaded = isCloudName(model.name) ? undefined : await client.loadedWindow(model.name, signal);
  if (loaded === undefined && !mayLoad && !isCloudName(model.name))
    return `${model.name} is not loaded (memories.allow_loading lets it be loaded for this)`;
  const numCtx = loaded ?? settings.numCtx;
  if (numCtx < LEAST_WINDOW) return `the window of ${model.name} is too small: ${numCtx} tokens`;
  return { ...settings, numCtx };
}
