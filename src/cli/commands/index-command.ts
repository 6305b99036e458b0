/**
 * `oagent index [status|build|search QUERY|why PATH QUESTION|watch|clear]`: the index of the repository, without a session.
 *
 * Results go to stdout, everything else to stderr. A search of a complete index without vectors starts no thread and changes nothing: it
 * says when files have changed since. Else it brings the index up to date first, uses existing vectors and makes none.
 */
import path from 'node:path';
import { clearIndex } from '../../repo-index/clear.ts';
import { IndexReader } from '../../repo-index/index-reader.ts';
import { type IndexQueries, indexFolder, placeInIndex } from '../../repo-index/queries.ts';
import type { ChangesSince } from '../../repo-index/reading/changes.ts';
import type { Progress } from '../../repo-index/reading/indexer.ts';
import { IndexService } from '../../repo-index/service.ts';
import { storeBytes } from '../../repo-index/store/store.ts';
import { embeddingLine } from '../../repo-index/vectors/vectors-state.ts';
import { vectorSetup } from '../../session/code-index.ts';
import { onOneHost } from '../../session/connect.ts';
import { indexLines } from '../../session/index-lines.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { whyLines } from '../../session/why-lines.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { barOf, createBar, type Output, standardOutput } from '../progress-bar.ts';

export interface IndexFlags {
  readonly json?: boolean;
  readonly limit?: number;
  /** A folder or file to search in, relative to the working directory. */
  readonly path?: string;
}

export type IndexAction =
  | { readonly name: 'status' | 'build' | 'watch' | 'clear' }
  | { readonly name: 'search'; readonly query: string }
  | { readonly name: 'why'; readonly path: string; readonly question: string };

const PURPOSES = {
  build: 'build',
  watch: 'make',
  status: 'use',
  clear: 'use',
  search: 'use',
  why: 'use',
} as const;

const CLEARED = {
  deleted: 'deleted',
  emptied: 'emptied; another oagent has it open and will fill it again',
} as const;

/** @returns the exit code: 1 if a search finds nothing, or not the file that is asked for, like grep. @throws Error if the folder cannot be indexed. */
export async function indexCommand(
  action: IndexAction,
  flags: IndexFlags,
  plan: Pick<SessionPlan, 'cwd' | 'home' | 'env' | 'loaded' | 'server'>,
  output: Output = standardOutput(),
): Promise<number> {
  const { cwd, home } = plan;
  // Without a server the index finds by words.
  const placed = await onOneHost(plan, new AbortController().signal).catch(() => plan);
  const bar = createBar(output);
  const status = { last: '' };
  const service = new IndexService({
    cwd,
    home,
    watch: action.name === 'watch',
    vectors: vectorSetup(placed, PURPOSES[action.name]),
    onProgress: (progress) => bar.draw(barLine(progress)),
    onStatus: (next) => {
      const embedding =
        'vectors' in next && next.vectors && 'progress' in next.vectors && next.vectors.progress;
      if (embedding) bar.draw(barOf(embedding.done, embedding.total, embeddingLine(embedding)));
      const line = action.name === 'watch' && next.state === 'ready' ? indexLines(next).join('\n') : '';
      if (line === '' || line === status.last) return;
      status.last = line;
      bar.clear();
      output.out(`${line}\n`);
    },
  });
  const stop = output.interrupted.then(() => 'interrupted' as const);
  try {
    switch (action.name) {
      case 'clear':
        output.out(
          `The index of ${sanitizeForTerminal(service.root)} is ${CLEARED[clearIndex(indexFolder(home, service.root))]}.\n`,
        );
        return 0;
      case 'status':
        return await printStatus(service, home, flags, output);
      case 'build':
        if ((await Promise.race([service.update(), stop])) === 'interrupted') return 130;
        bar.clear();
        if ((await Promise.race([service.embedded(), stop])) === 'interrupted') return 130;
        bar.clear();
        return await printStatus(service, home, flags, output);
      case 'watch':
        if ((await Promise.race([service.update(), stop])) === 'interrupted') return 130;
        await keptAlive(stop);
        return 0;
      case 'search': {
        const inside = placeOf(service.root, cwd, flags.path);
        const code = await Promise.race([searchAsItIs(plan, action.query, inside, flags, output), stop]);
        if (code !== undefined) return code === 'interrupted' ? 130 : code;
        if ((await Promise.race([service.update(), stop])) === 'interrupted') return 130;
        bar.clear();
        return await printSearch(service, action.query, inside, flags, output);
      }
      case 'why': {
        const file = path.resolve(cwd, action.path);
        if ((await Promise.race([service.update(), stop])) === 'interrupted') return 130;
        bar.clear();
        const why = await service.why(action.question, file);
        if (flags.json) output.out(`${jsonText({ ...why }, 2)}\n`);
        else output.out(`${whyLines(why, action.question).join('\n')}\n`);
        return why.here === undefined ? 1 : 0;
      }
      default:
        return action satisfies never;
    }
  } finally {
    bar.clear();
    await service.close();
  }
}

/** The longest delay that a timer accepts. */
const LONG_MS = 2 ** 31 - 1;

/** An idle thread does not keep the process alive, and neither does a signal handler. */
async function keptAlive(until: Promise<unknown>): Promise<void> {
  const timer = setInterval(() => undefined, LONG_MS);
  await until;
  clearInterval(timer);
}

async function printStatus(
  service: IndexService,
  home: string,
  flags: IndexFlags,
  output: Output,
): Promise<number> {
  const folder = indexFolder(home, service.root);
  if (storeBytes(folder) > 0 && service.status().state === 'off') {
    await service.update();
    await service.embedded();
  }
  const status = await service.freshStatus();
  const bytes = storeBytes(folder);
  if (flags.json) output.out(`${jsonText({ root: service.root, folder, bytes, ...status }, 2)}\n`);
  else {
    const size =
      bytes > 0 ? `${(bytes / 1e6).toFixed(1)} MB in ${folder}` : 'not built yet: oagent index build';
    output.out(
      `${[sanitizeForTerminal(service.root), ...indexLines(status), sanitizeForTerminal(size)].join('\n')}\n`,
    );
  }
  return 0;
}

/** The folder or file to search in, as the index names it. @throws Error if it is outside. */
function placeOf(root: string, cwd: string, wanted: string | undefined): string {
  if (wanted === undefined) return '';
  const place = placeInIndex(root, path.resolve(cwd, wanted));
  if (place === undefined)
    throw new Error(`--path ${wanted} is outside of ${root}: name a folder or file inside it`);
  return place;
}

/** Searches an index that needs no thread; undefined if there is none. */
async function searchAsItIs(
  { cwd, home }: Pick<SessionPlan, 'cwd' | 'home'>,
  query: string,
  inside: string,
  flags: IndexFlags,
  output: Output,
): Promise<number | undefined> {
  const reader = new IndexReader({ cwd, home });
  try {
    reader.start();
    if (!reader.isEnough()) return undefined;
    const changes = reader.changesSince();
    const code = await printSearch(reader, query, inside, flags, output);
    const line = changesLine(await changes);
    if (line !== undefined) output.err(`${line}\n`);
    return code;
  } finally {
    reader.close();
  }
}

/** What a search of an index that is older than the files may have missed. */
function changesLine(changes: ChangesSince | undefined): string | undefined {
  if (changes === undefined) return undefined;
  const { files, isHeadMoved } = changes;
  if (isHeadMoved)
    return 'The index is of another commit. To find what is new in this one: oagent index build';
  if (files === 0) return undefined;
  const said = files === 1 ? '1 file has' : `${files} files have`;
  return `${said} changed since the index was made. To find what is new: oagent index build`;
}

async function printSearch(
  service: IndexQueries,
  query: string,
  inside: string,
  flags: IndexFlags,
  output: Output,
): Promise<number> {
  const found = await service.search(query, {
    limit: flags.limit ?? 10,
    path: inside === '' ? undefined : inside,
  });
  if (flags.json) {
    const results = found.map(({ path: file, start, end, symbol, score, coverage, lines }) => ({
      ...{ path: file, start, end, symbol },
      ...{ score: round(score), coverage: round(coverage), text: lines.join('\n') },
    }));
    output.out(`${jsonText(results, 2)}\n`);
  } else {
    const blocks = found.map(
      ({ path: file, start, end, symbol, score, lines }) =>
        `${file}:${start}-${end}${symbol === '' ? '' : ` ${symbol}`} (${score.toFixed(2)})\n${lines.join('\n')}\n`,
    );
    if (blocks.length > 0) output.out(sanitizeForTerminal(blocks.join('\n')));
    else output.err('Nothing found.\n');
  }
  return found.length > 0 ? 0 : 1;
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}

/** `━━━━━━──────  1200/5000 files, 4.1 MB/s, 3 s left`. */
export function barLine({ filesDone, filesTotal, bytes, elapsedMs }: Progress): string {
  const seconds = Math.max(elapsedMs, 1) / 1_000;
  const rate = `${(bytes / 1e6 / seconds).toFixed(1)} MB/s`;
  const left =
    filesDone === 0 ? '' : `, ${Math.ceil((seconds / filesDone) * (filesTotal - filesDone))} s left`;
  return barOf(filesDone, filesTotal, `${filesDone}/${filesTotal} files, ${rate}${left}`);
}
