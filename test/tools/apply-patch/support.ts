/** What the tests of this folder share: folders as plain objects, the patch format written out, a tool context. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import type { Event } from '../../../src/protocol.ts';
import type { Chunk, FileOp, Patch, PatchLine } from '../../../src/tools/apply-patch/parse.ts';
import { CommandSessions } from '../../../src/tools/commands/command-sessions.ts';
import type { ToolContext } from '../../../src/tools/tool.ts';

/** Relative path -> content. */
export type Tree = { readonly [path: string]: string };

function makeTree(tree: Tree): string {
  const root = mkdtempSync(join(tmpdir(), 'oagent-patch-'));
  for (const [path, content] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** Every regular file below `root`; an empty folder appears with a slash. */
export function readTree(root: string): Tree {
  const tree: { [path: string]: string } = {};
  const walk = (folder: string): void => {
    const entries = readdirSync(folder, { withFileTypes: true });
    if (entries.length === 0 && folder !== root) tree[`${relative(root, folder)}/`] = '';
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) tree[relative(root, path)] = readFileSync(path, 'utf8');
    }
  };
  walk(root);
  return tree;
}

export async function withTree<T>(tree: Tree, run: (root: string) => Promise<T>): Promise<T> {
  const root = makeTree(tree);
  try {
    return await run(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Lines between the markers. */
export function patchOf(...lines: readonly string[]): string {
  return ['*** Begin Patch', ...lines, '*** End Patch'].join('\n');
}

const SIGNS = { context: ' ', add: '+', remove: '-' } as const;

function renderLine(line: PatchLine): string {
  return SIGNS[line.kind] + line.text;
}

function renderChunk(chunk: Chunk): string[] {
  const header = chunk.context === undefined ? '@@' : `@@ ${chunk.context}`;
  return [header, ...chunk.lines.map(renderLine), ...(chunk.endOfFile ? ['*** End of File'] : [])];
}

function renderOp(op: FileOp): string[] {
  switch (op.kind) {
    case 'add':
      return [
        `*** Add File: ${op.path}`,
        ...op.content
          .split('\n')
          .slice(0, -1)
          .map((line) => `+${line}`),
      ];
    case 'delete':
      return [`*** Delete File: ${op.path}`];
    case 'update': {
      const move = op.movePath === undefined ? [] : [`*** Move to: ${op.movePath}`];
      return [`*** Update File: ${op.path}`, ...move, ...op.chunks.flatMap(renderChunk)];
    }
    default:
      return op satisfies never;
  }
}

/** The patch as a model would write it. */
export function render(patch: Patch): string {
  return `${patchOf(...patch.ops.flatMap(renderOp))}\n`;
}

export const ALLOW_ALL: ToolContext['guard'] = {
  command: async () => ({ allowed: true }),
  write: async () => ({ allowed: true }),
};

/** A context that records what it emits. */
export function makeContext(cwd: string, guard = ALLOW_ALL, signal = new AbortController().signal) {
  const events: Event[] = [];
  let items = 0;
  const ctx: ToolContext = {
    cwd,
    signal,
    guard,
    ask: () => Promise.reject(new Error('nobody is asked in this test')),
    emit: (event) => events.push(event),
    nextItemId: () => `item_${items++}`,
    sessions: new CommandSessions(),
    outputLimit: 10_000,
    spillPath: () => join(cwd, 'spill'),
  };
  return { ctx, events };
}

/** The tool's text without its duration. */
export function withoutTime(text: string): string {
  return text.replace(/^Wall time: \d+\.\d seconds$/m, 'Wall time: N seconds');
}
