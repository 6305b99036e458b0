/** A real folder and a context that records what a tool emits. */
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Event, Item } from '../../src/protocol.ts';
import { CommandSessions } from '../../src/tools/commands/command-sessions.ts';
import type { ToolContext } from '../../src/tools/tool.ts';

export interface TestContext extends Disposable {
  readonly cwd: string;
  readonly ctx: ToolContext;
  readonly events: Event[];
  readonly controller: AbortController;
  readonly spillFile: string;
}

export function makeContext(changes: Partial<ToolContext> = {}): TestContext {
  const cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-tool-')));
  const events: Event[] = [];
  const controller = new AbortController();
  const spillFile = `${cwd}.spill`;
  let items = 0;
  const ctx: ToolContext = {
    cwd,
    signal: controller.signal,
    guard: { command: async () => ({ allowed: true }), write: async () => ({ allowed: true }) },
    ask: () => Promise.reject(new Error('nobody is asked in this test')),
    emit: (event) => events.push(event),
    nextItemId: () => `item_${items++}`,
    sessions: new CommandSessions(),
    outputLimit: 10_000,
    spillPath: () => spillFile,
    ...changes,
  };
  const clean = (): void => {
    void ctx.sessions.close();
    for (const file of [cwd, spillFile]) rmSync(file, { recursive: true, force: true });
  };
  return { cwd, ctx, events, controller, spillFile, [Symbol.dispose]: clean };
}

/** The items of the started and completed events, without deltas and without durations. */
export function itemEvents(events: readonly Event[]): { type: string; item: Item }[] {
  return events.flatMap((event) => {
    if (event.type !== 'item_started' && event.type !== 'item_completed') return [];
    const { type, item } = event;
    return [{ type, item: item.type === 'command_execution' ? { ...item, durationMs: 0 } : item }];
  });
}

/** Resolves when `condition` holds; fails after `ms`. */
export async function until(condition: () => boolean, ms = 10_000): Promise<void> {
  const end = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`not so within ${ms} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** False also for a dead process that nobody has collected yet. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
