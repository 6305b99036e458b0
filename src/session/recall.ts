/** What earlier sessions have taught, as a session gets it: opened if there is anything, and put together with the code. */
import { existsSync, readdirSync } from 'node:fs';
import type { Recalled, Retrieve } from '../agent/agent-options.ts';
import { memoryFolder } from '../memory/folder.ts';
import type { MemoryUse } from '../memory/use/memory-use.ts';
import type { CodeSearch } from '../tools/search-code.ts';
import type { CodeIndex } from './code-index.ts';
import { FolderSwitch } from './folder-switch.ts';
import { memoryRights } from './memories.ts';
import type { SessionPlan } from './plan.ts';

/** Of what may be added to a message. */
const PART = 4;
/** At most one part in this many of the window for all of it, as for code. */
const SHARE = 8;
const MOST_TOKENS = 500;

/**
 * Undefined: there is nothing, or it may not be used. Nothing of it is loaded then.
 *
 * @param now the plan as it is when a message comes: memories may be switched off between two.
 */
export async function openMemories(plan: SessionPlan, now = () => plan): Promise<MemoryUse | undefined> {
  const { cwd, home, env, loaded } = plan;
  if (!memoryRights(plan).mayUse || !areThere(home)) return undefined;
  const [{ MemoryUse }, { projectOf }] = await Promise.all([
    import('../memory/use/memory-use.ts'),
    import('../memory/use/project.ts'),
  ]);
  const folder = new FolderSwitch(loaded.path, cwd);
  const use = new MemoryUse({
    home,
    project: projectOf(loaded.config, { cwd, home, env }),
    mayUse: () => memoryRights(now()).mayUse && !folder.isOff,
    now: Date.now,
  });
  setImmediate(() => use.prepare());
  return use;
}

function areThere(home: string): boolean {
  const { root, summary, handbook, rollouts, notes } = memoryFolder(home);
  if (!existsSync(root)) return false;
  return existsSync(summary) || existsSync(handbook) || isFilled(rollouts) || isFilled(notes);
}

function isFilled(folder: string): boolean {
  try {
    return readdirSync(folder).some((name) => name.endsWith('.md'));
  } catch {
    return false;
  }
}

/**
 * What is found for a message: code, and memories in a small part of the budget.
 *
 * @param wantedTokens the user's budget for a message.
 */
export function retrieveFrom(
  index: Pick<CodeIndex, 'retrieve'> | undefined,
  memories: Pick<MemoryUse, 'recall'> | undefined,
  wantedTokens?: number,
): Retrieve | undefined {
  if (memories === undefined) return index?.retrieve;
  return async (message, about, signal) => {
    const share = Math.min(wantedTokens ?? about.numCtx / SHARE, about.left / 2) / PART;
    const most = Math.floor(Math.min(MOST_TOKENS, share));
    const memory: Recalled | undefined = memories.recall(message, most, about.history);
    const found = await index?.retrieve(message, about, signal);
    if (memory === undefined) return found;
    return { text: '', places: [], ...found, memory };
  };
}

/** The code's own search, which finds memories too. */
export function searchIn(
  index: Pick<CodeIndex, 'search'> | undefined,
  memories: Pick<MemoryUse, 'search'> | undefined,
): CodeSearch | undefined {
  if (index === undefined || memories === undefined) return index?.search;
  return async (query, options) =>
    options.isMemory ? memories.search(query, options) : index.search(query, options);
}
