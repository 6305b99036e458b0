/** The `search_code` tool: excerpts of the repository that answer a question. The search itself is injected. */
import path from 'node:path';
import description from '../../prompts/tools/search_code.md?raw';
import type { ToolSchema } from '../model/chat.ts';
import type { JsonObject } from '../protocol.ts';
import { positiveArgument, stringArgument } from './arguments.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';
import { asToolCall, failure } from './tool-call-item.ts';

const DEFAULT_RESULTS = 8;
const MOST_RESULTS = 50;
const MEMORY = 'memory';

export interface CodeSearchOptions {
  readonly limit: number;
  /** Absolute: the folder or file to stay in. */
  readonly path?: string;
  /** What earlier sessions have noted, instead of code. */
  readonly isMemory?: boolean | undefined;
  /** The most bytes of the text. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** The text for the model: excerpts with `path:start-end`, best first; empty if there are none. */
export type CodeSearch = (query: string, options: CodeSearchOptions) => Promise<string>;

type Properties = ToolSchema['function']['parameters']['properties'];

const PROPERTIES: Properties = {
  query: { type: 'string' },
  path: { type: 'string' },
  limit: { type: 'integer' },
};

/** The kinds that can be named besides code. */
const KINDS: Properties = { kind: { type: 'string', enum: ['code', MEMORY] } };

function schemaOf(hasMemories: boolean): ToolSchema {
  const properties = hasMemories ? { ...PROPERTIES, ...KINDS } : PROPERTIES;
  return {
    type: 'function',
    function: {
      name: 'search_code',
      description: description.trim(),
      parameters: { type: 'object', properties, required: ['query'] },
    },
  };
}

/** @param hasMemories the search finds them too: only then the model is told of them. */
export function createSearchCodeTool(search: CodeSearch, hasMemories = false): Tool {
  return {
    schema: schemaOf(hasMemories),
    isReadOnly: () => true,
    run: (args, ctx) => asToolCall('search_code', args, ctx, () => searchCode(args, ctx, search)),
  };
}

async function searchCode(args: JsonObject, ctx: ToolContext, search: CodeSearch): Promise<ToolResult> {
  const query = stringArgument(args, 'query')?.trim() ?? '';
  if (query === '') return failure('query is empty: give words or names to look for');
  const folder = stringArgument(args, 'path') ?? '';
  if (folder.includes('\0')) return failure('path contains a NUL byte');
  const limit = Math.min(positiveArgument(args, 'limit') ?? DEFAULT_RESULTS, MOST_RESULTS);
  const text = await search(query, {
    limit,
    path: folder === '' ? undefined : path.resolve(ctx.cwd, folder),
    isMemory: stringArgument(args, 'kind') === MEMORY || undefined,
    maxBytes: ctx.outputLimit,
    signal: ctx.signal,
  });
  if (text !== '') return { ok: true, text, bounded: true };
  if (ctx.signal.aborted) return failure('aborted by user');
  return { ok: true, text: 'Nothing found. Try other words, or ripgrep.' };
}
