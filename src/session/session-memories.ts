/** What the user does with memories in a session. What works on them is loaded when it is first needed. */

import type { Config } from '../config/schema.ts';
import { setMemoriesIn } from '../config/set-memories.ts';
import { memoriesOffIn, projectRoot } from '../config/trust.ts';
import type { MemoryItem } from '../memory/manage/items.ts';
import type { Memories } from '../memory/manage/memories.ts';
import { plural } from '../text/digits.ts';
import { memoryRights } from './memories.ts';
import type { SessionPlan } from './plan.ts';

interface Parts {
  readonly plan: () => SessionPlan;
  readonly changeConfig: (change: (config: Config) => Config) => Promise<void>;
  readonly warn: (message: string) => void;
}

interface Entry {
  readonly key: string;
  readonly text: string;
  readonly detail: string;
}

interface Report {
  readonly entries: readonly Entry[];
  readonly folder: string;
  readonly isOffHere: boolean;
  readonly why: string | undefined;
}

const KINDS = { note: 'note', line: 'handbook', session: 'session' } as const;
const DATE_CHARS = 10;

export class SessionMemories {
  readonly #parts: Parts;
  #memories: Memories | undefined;
  /** Of the last report. */
  #items: ReadonlyMap<string, MemoryItem> = new Map();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws Error */
  readonly report = async (): Promise<Report> => {
    const memories = await this.#opened();
    this.#items = new Map(memories.list().map((item) => [`${item.kind} ${item.id}`, item]));
    const plan = this.#parts.plan();
    const { config } = plan.loaded;
    const folder = projectRoot(config, plan.cwd);
    return {
      entries: [...this.#items].map(([key, item]) => ({ key, text: item.text, detail: detailOf(item) })),
      folder,
      isOffHere: memoriesOffIn(config, folder) !== undefined,
      why: memoryRights(plan).why,
    };
  };

  /** @throws Error */
  readonly remember = async (text: string): Promise<string> => {
    const { isMasked } = (await this.#opened()).add(text);
    return isMasked ? 'Remembered. What looked like a secret in it is masked.' : 'Remembered.';
  };

  /** @throws Error */
  readonly forget = async (key: string): Promise<string> => {
    const item = this.#items.get(key);
    if (item === undefined) throw new Error('it is not remembered any more');
    const { lines, notes } = (await this.#opened()).forget([item]);
    if (notes.length > 0) return `Forgotten: the note ${notes.join(', ')} is deleted.`;
    if (item.kind === 'line') return 'Forgotten. It does not come back.';
    return `Forgotten: the session and ${plural(lines.length, 'line')} that it alone has taught.`;
  };

  /** @throws ConfigError */
  readonly switchFolder = async (isOn: boolean): Promise<string> => {
    const { cwd, home, loaded } = this.#parts.plan();
    const { config } = loaded;
    const folder = projectRoot(config, cwd);
    setMemoriesIn(home, folder, isOn);
    await this.#parts.changeConfig((now) => ({
      ...now,
      projects: { ...now.projects, [folder]: { ...now.projects[folder], memories: isOn } },
    }));
    return `Memories are ${isOn ? 'on' : 'off'} in ${folder} and below it.`;
  };

  async #opened(): Promise<Memories> {
    const { Memories } = await import('../memory/manage/memories.ts');
    this.#memories ??= new Memories(this.#parts.plan().home, this.#parts.warn);
    return this.#memories;
  }
}

function detailOf({ kind, dated, folder, isTrusted }: MemoryItem): string {
  const date = new Date(dated).toISOString().slice(0, DATE_CHARS);
  const parts = [KINDS[kind], date, folder, isTrusted ? '' : 'not trusted'];
  return parts.filter((part) => part !== '').join(' · ');
}
