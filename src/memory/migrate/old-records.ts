/** What an older folder has of single sessions: the sections of its raw memories, and a file each with a summary. */
import { oneLine } from '../render/text.ts';

export interface OldRecord {
  /** The id of the session. */
  readonly thread: string;
  /** Milliseconds of the epoch; undefined: not said. */
  readonly updated?: number;
  readonly cwd: string;
  readonly branch?: string;
  readonly rollout: string;
  readonly isTrusted: boolean;
  readonly slug: string;
  readonly text: string;
}

const ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const SECTION = /^## (?:Thread|Session) [`"]?([0-9a-f-]{36})[`"]?\s*$/im;
const FIELD = /^([a-z_]{2,20}): (.*)$/;

/** The sections of `raw_memories.md`. */
export function oldRawMemories(markdown: string): OldRecord[] {
  const parts = markdown.replaceAll(/\r\n?/g, '\n').split(SECTION);
  const records: OldRecord[] = [];
  for (let at = 1; at + 1 < parts.length; at += 2) {
    const record = recordOf(parts[at] ?? '', (parts[at + 1] ?? '').trim());
    if (record !== undefined) records.push(record);
  }
  return records;
}

/** @param name of the file, which may say the session if the file does not. */
export function oldRolloutSummary(name: string, markdown: string): OldRecord | undefined {
  const text = markdown
    .replaceAll(/\r\n?/g, '\n')
    .trim()
    .replace(/^---\n/, '');
  return recordOf(name.replace(/\.md$/, ''), text);
}

/** The fields at the beginning, then the text. */
function recordOf(named: string, text: string): OldRecord | undefined {
  const lines = text.split('\n');
  const fields = new Map<string, string>();
  let at = 0;
  for (; at < lines.length; at += 1) {
    const [, name = '', value = ''] = FIELD.exec(lines[at] ?? '') ?? [];
    if (name === '') break;
    if (!fields.has(name)) fields.set(name, oneLine(value));
  }
  const field = (...names: string[]): string | undefined =>
    names.map((name) => fields.get(name)).find((value) => value !== undefined && value !== '');
  const thread = (field('thread', 'thread_id') ?? named).toLowerCase();
  if (!ID.test(thread)) return undefined;
  const [slug, body] = titled(
    lines
      .slice(at)
      .join('\n')
      .replace(/^\s*---\n/, '')
      .trim(),
  );
  const updated = Date.parse(field('updated', 'updated_at') ?? '');
  return {
    thread,
    updated: Number.isNaN(updated) ? undefined : updated,
    cwd: field('cwd') ?? '',
    branch: field('branch', 'git_branch'),
    rollout: field('rollout', 'rollout_path') ?? '',
    isTrusted: field('trusted') !== 'no',
    slug,
    text: body,
  };
}

function titled(body: string): [slug: string, body: string] {
  const [all = '', title = ''] = /^# (.*)(?:\n+|$)/.exec(body) ?? [];
  return [oneLine(title).slice(0, 80).toWellFormed(), body.slice(all.length).trim()];
}
