/**
 * The `ripgrep` tool: finds lines in files. Neither a shell nor the user's ripgrep configuration is involved, and .gitignore applies.
 *
 * The result holds whole lines within the output limit; rg is stopped once it has found far more than that. A pattern that is not
 * a valid regular expression is searched for as fixed text. "No matches" is said only where there are none: then ignored and
 * large files are searched too, and a glob that matches no file is named.
 */
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import description from '../../prompts/tools/ripgrep.md?raw';
import type { ToolSchema } from '../model/chat.ts';
import type { JsonObject } from '../protocol.ts';
import type { Hides } from '../safety/reads.ts';
import { startRipgrep } from '../system/ripgrep.ts';
import { within } from '../system/within.ts';
import { workspaceFlags } from '../system/workspace-files.ts';
import { errorMessage } from '../text/error-message.ts';
import { stringArgument } from './arguments.ts';
import { hiddenText } from './hidden-text.ts';
import { MatchReader } from './ripgrep-matches.ts';
import { searchPlaces } from './search-places.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';
import { asToolCall, failure } from './tool-call-item.ts';

const MATCHES_KEPT = 100;
/** Counting stops here: beyond it the exact number is of no use. */
const MATCHES_COUNTED = 1_000;
const TIME_LIMIT_MS = 30_000;
/** For the search in what is left out at first, which can be much more. */
const REST_LIMIT_MS = 2_000;
const KILL_GRACE_MS = 100;
/** Bytes of the output limit that the notes may take. */
const NOTE_RESERVE = 200;
/** Larger files are mostly data. A file that is named is searched whatever its size. */
const MOST_MEGABYTES = 10;

const FLAGS = [
  '--json',
  '--sort=path',
  // `$` must match in files with Windows line ends, and look-around, which models write, needs PCRE2.
  '--crlf',
  '--engine=auto',
];
/** What the workspace leaves out, without the folder of git. */
const REST_FLAGS = [
  '--no-config',
  '--no-messages',
  '--no-ignore',
  '--hidden',
  '--glob=!.git',
  '--max-count=3',
];

const schema: ToolSchema = {
  type: 'function',
  function: {
    name: 'ripgrep',
    description: description.trim(),
    parameters: {
      type: 'object',
      properties: { pattern: { type: 'string' }, path: { type: 'string' }, glob: { type: 'string' } },
      required: ['pattern'],
    },
  },
};

/** `env` is what rg inherits; its OAGENT_RG names another rg. */
export function createRipgrepTool({
  env = () => process.env,
}: {
  readonly env?: () => NodeJS.ProcessEnv;
} = {}): Tool {
  return {
    schema,
    isReadOnly: () => true,
    run: (args, ctx) => asToolCall('ripgrep', args, ctx, () => search(args, ctx, env())),
  };
}

async function search(args: JsonObject, ctx: ToolContext, env: NodeJS.ProcessEnv): Promise<ToolResult> {
  const pattern = stringArgument(args, 'pattern') ?? '';
  const given = stringArgument(args, 'path') ?? '';
  if (pattern === '') return failure('pattern is empty: give a regular expression');
  if (pattern.includes('\0')) return failure('pattern contains a NUL byte');
  if (given.includes('\0')) return failure('path contains a NUL byte');
  const glob = stringArgument(args, 'glob') ?? '';
  const hides = ctx.guard.hides?.() ?? (() => false);
  // Before it is looked for: what is near a missing name is named.
  if (hides(path.resolve(ctx.cwd, given))) return failure(hiddenText(given));
  const places = await searchPlaces(given, glob, ctx.cwd).catch(errorMessage);
  if (typeof places === 'string') return failure(places);
  const hidden = places.paths.find((place) => hides(path.resolve(ctx.cwd, place)));
  if (hidden !== undefined) return failure(hiddenText(hidden));

  const globs = places.globs.map((one) => `--glob=${one}`);
  const multiline = /\n|\\n/.test(pattern) ? ['--multiline'] : [];
  const run = (flags: readonly string[], limits: Limits): Promise<Search> =>
    runRipgrep([...FLAGS, ...multiline, ...globs, ...flags, '--', pattern, ...places.paths], limits, ctx, {
      env,
      hides,
    });
  const size = places.isFiles ? [] : [`--max-filesize=${MOST_MEGABYTES}M`];
  const flags = [...size, ...(await workspaceFlags(ctx.cwd, { isBelow: places.paths.length > 0, env }))];
  let result = await run(flags, ALL);
  const mistake = result.kept.length === 0 ? regexMistake(result.errors) : undefined;
  const fixed = mistake === undefined ? [] : ['--fixed-strings'];
  if (mistake !== undefined) result = await run([...flags, ...fixed], ALL);

  if (result.end === 'aborted') return failure('aborted by user');
  // Files that may not be read give the same exit code, silently.
  if (result.kept.length === 0 && result.exitCode === 2 && result.errors !== '') {
    return failure(result.errors.trim());
  }
  const notes = mistake === undefined ? [] : [`[not a valid regex (${mistake}); searched as fixed text]`];
  if (result.total > 0 || result.end !== 'done') return present([...notes, ...shown(result)]);
  let nothing = [NOTHING];
  if (!places.isFiles) {
    const rest = await run([...REST_FLAGS, ...fixed], REST);
    if (rest.end === 'aborted') return failure('aborted by user');
    nothing = shownRest(result, rest, places.globs.length > 0 ? `${given} ${glob}` : '');
    if (rest.total > 0 || result.searched === 0) return present([...notes, ...nothing]);
  }
  for (const [head, reading] of otherReadings(pattern)) {
    const other = await run([...flags, ...fixed, ...reading], REST);
    if (other.end === 'aborted') return failure('aborted by user');
    if (other.total > 0) return present([...notes, head, ...other.kept, ...moreThere(other)]);
  }
  return present([...notes, ...nothing]);
}

/** How else the same files can be searched, and what is said about it. */
function otherReadings(pattern: string): readonly (readonly [string, readonly string[]])[] {
  const readings: (readonly [string, readonly string[]])[] = [];
  if (/[^\0-\x7f]/.test(pattern)) {
    readings.push(['No matches found in UTF-8. Read as Windows-1252:', ['--encoding=windows-1252']]);
  }
  if (/\p{L}/u.test(pattern) && !pattern.includes('(?')) {
    readings.push(['No matches found. With other capitals:', ['--ignore-case']]);
  }
  return readings;
}

const NOTHING = 'No matches found.';

function shown({ kept, total, end }: Search): string[] {
  const lines = total === 0 ? [NOTHING] : [...kept];
  const more = total - kept.length;
  if (more > 0) {
    const count = total >= MATCHES_COUNTED ? `over ${more}` : `${more}`;
    lines.push(`[${count} more matches: narrow the pattern, path or glob]`);
  }
  if (end === 'timeout') lines.push(`[stopped after ${TIME_LIMIT_MS / 1_000} seconds]`);
  return lines;
}

/** After a search without matches: what is in the files that it left out. `globs`: as written; empty: none. */
function shownRest(searched: Search, rest: Search, globs: string): string[] {
  if (rest.total > 0) {
    const head = `No matches found in the project's files. In files that are ignored or larger than ${MOST_MEGABYTES} MB:`;
    return [head, ...rest.kept, ...moreThere(rest)];
  }
  const isUnsure = rest.end === 'timeout' ? ['[ignored and large files were not all searched]'] : [];
  if (searched.searched !== 0) return [NOTHING, ...isUnsure];
  if (globs !== '' && rest.searched === 0) return [`No matches found: no file matches ${globs.trim()}`];
  return rest.searched === 0
    ? ['No matches found: there are no files here']
    : ["No matches found: all files here are ignored by the project's rules", ...isUnsure];
}

function moreThere({ total, kept }: Search): string[] {
  return total > kept.length ? ['[more matches there]'] : [];
}

function present(lines: readonly string[]): ToolResult {
  return { ok: true, text: lines.join('\n'), bounded: true };
}

interface Limits {
  readonly ms: number;
  readonly kept: number;
}
const ALL: Limits = { ms: TIME_LIMIT_MS, kept: MATCHES_KEPT };
const REST: Limits = { ms: REST_LIMIT_MS, kept: 20 };

interface Search {
  readonly kept: readonly string[];
  /** Lines found, up to MATCHES_COUNTED. */
  readonly total: number;
  /** Files searched; undefined if the search was stopped. */
  readonly searched: number | undefined;
  readonly end: 'done' | 'timeout' | 'aborted';
  readonly exitCode: number | null;
  readonly errors: string;
}

async function runRipgrep(
  args: readonly string[],
  limits: Limits,
  ctx: ToolContext,
  { env, hides }: { readonly env: NodeJS.ProcessEnv; readonly hides: Hides },
): Promise<Search> {
  const group = await startRipgrep(args, { cwd: ctx.cwd, env }).catch((error: unknown) => {
    throw new Error(
      `ripgrep could not be started (${String(error)}): set OAGENT_RG to an rg, or use shell with grep`,
    );
  });
  const kept: string[] = [];
  let total = 0;
  let isFull = false;
  let bytesLeft = ctx.outputLimit - NOTE_RESERVE;
  let errors = '';
  const isHidden = (file: string): boolean => hides(path.resolve(ctx.cwd, file));
  const reader = new MatchReader(isHidden, (line) => {
    total += 1;
    if (line === undefined) return;
    bytesLeft -= Buffer.byteLength(line) + 1;
    // The first match is always kept, and none after one that did not fit.
    isFull ||= kept.length === limits.kept || (bytesLeft < 0 && kept.length > 0);
    if (!isFull) kept.push(line);
  });
  const reading = (async () => {
    const decoder = new StringDecoder();
    for await (const chunk of group.stdout) {
      reader.add(decoder.write(chunk));
      if (total >= MATCHES_COUNTED) return;
    }
  })().catch(() => {}); // A search that is stopped below ends the reading with an error.
  const listening = (async () => {
    for await (const chunk of group.stderr) errors = (errors + chunk).slice(0, 4_000);
  })().catch(() => {});

  const { kind: end } = await within(reading, limits.ms, ctx.signal);
  if (end !== 'done' || total >= MATCHES_COUNTED) await group.terminate(KILL_GRACE_MS);
  group.stdout.destroy();
  const { code: exitCode } = await group.exited;
  await Promise.all([reading, listening]);
  return { kept, total: Math.min(total, MATCHES_COUNTED), searched: reader.searched, end, exitCode, errors };
}

/** What rg's regex engine complains about; undefined if that was not the problem. */
function regexMistake(errors: string): string | undefined {
  if (!/regex parse error|error compiling pattern|regex could not be compiled/.test(errors)) return undefined;
  return /^error: (.+)$/m.exec(errors)?.[1] ?? 'syntax error';
}
