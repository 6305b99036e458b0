/**
 * The scripted server of the soak, in a process of its own: one task of many small steps, and summaries of it.
 *
 * Forked by soak.ts with the number of steps and the model's name; tells its address once it listens, and answers `take` with its account.
 * Invariants: which step is next stands in the conversation or its summary and nowhere else, so a step that a compaction
 * lost would be done again; of the requests that are over only their counts are kept.
 * Does not: judge the figures.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ChatRequest } from '../../src/demo/chat-request.ts';
import type { Turn } from '../../src/demo/script.ts';
import { startScriptedOllama } from '../../src/demo/scripted-ollama.ts';

export interface SoakAccount {
  readonly requests: number;
  readonly compactions: number;
  /** Of all requests but those right behind a compaction, which begin anew: tokens read again, and tokens that were new. */
  readonly rereadTokens: number;
  readonly newTokens: number;
  readonly largestPrompt: number;
  /** Requests that the server refused. */
  readonly refused: number;
}

export type SoakMessage =
  | { readonly type: 'listening'; readonly host: string }
  | { readonly type: 'account'; readonly account: SoakAccount };

const [, , count, model = ''] = process.argv;
const steps = Number(count);
const compactPrompt = readFileSync(path.join(import.meta.dirname, '../../prompts/compact.md'), 'utf8').trim();

const isCompaction = ({ messages }: ChatRequest): boolean => messages.at(-1)?.content === compactPrompt;

const compactionAt = new Set<number>();
let answered = 0;

const server = await startScriptedOllama({
  models: [{ name: model, path: 'rendered', capabilities: ['completion', 'tools'], contextLength: 32_768 }],
  script: (request, index): Turn => {
    answered = index + 1;
    forget();
    const done = lastStep(request);
    if (isCompaction(request)) {
      compactionAt.add(index);
      return {
        content: `## Progress and decisions\nDone so far: step ${done}.\n## Remaining work\nThe steps behind it.`,
      };
    }
    return done >= steps ? { content: `All ${done} steps are done.` } : work(done + 1);
  },
});

function lastStep({ messages }: ChatRequest): number {
  const found = messages.flatMap(({ content }) =>
    [...content.matchAll(/\bstep (\d+)\b/g)].map(([, step]) => Number(step)),
  );
  return Math.max(0, ...found);
}

/** A command, a search, a file and an edit by turns, each with something new in it. */
function work(step: number): Turn {
  const content = `Now step ${step}.`;
  switch (step % 5) {
    case 0:
      return {
        content,
        toolCalls: [{ name: 'read_file', arguments: { path: 'big.txt', offset: step, limit: 40 } }],
      };
    case 1: {
      const input = `*** Begin Patch\n*** Add File: notes/${step}.txt\n+note ${step}\n*** End Patch`;
      return { content, toolCalls: [{ name: 'apply_patch', arguments: { input } }] };
    }
    case 2:
      return { content, toolCalls: [{ name: 'ripgrep', arguments: { pattern: `line ${step} ` } }] };
    default:
      return {
        content,
        toolCalls: [
          { name: 'exec_command', arguments: { cmd: `seq ${step} ${step + 400}; echo ${step} >> out.txt` } },
        ],
      };
  }
}

/** The bodies of thousands of requests would fill this process's memory. */
function forget(): void {
  for (const entry of server.log.slice(-20, -2)) Object.assign(entry, { body: null, rawBody: '' });
}

function account(): SoakAccount {
  const chats = server.log.filter(({ kind }) => kind === 'chat');
  const reached = chats.filter(({ promptTokens }) => promptTokens !== null);
  const compared = reached.filter((_, index) => index > 0 && !compactionAt.has(index - 1));
  const sum = (field: 'rereadTokens' | 'newTokens'): number =>
    compared.reduce((total, entry) => total + (entry[field] ?? 0), 0);
  return {
    requests: answered,
    compactions: compactionAt.size,
    rereadTokens: sum('rereadTokens'),
    newTokens: sum('newTokens'),
    largestPrompt: Math.max(...reached.map(({ promptTokens }) => promptTokens ?? 0)),
    refused: chats.length - reached.length,
  };
}

process.on('message', () => tell({ type: 'account', account: account() }));
process.on('disconnect', () => process.exit());
tell({ type: 'listening', host: server.host });

function tell(message: SoakMessage): void {
  process.send?.(message);
}
