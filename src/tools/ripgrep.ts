/**
 * The `ripgrep` tool: finds lines in files. Neither a shell nor the user's ripgrep configuration is involved, and .gitignore applies.
 *
 * The result holds whole lines within the output limit; rg is stopped once it has found far more than that. A pattern that is not
 * a valid regular expression is searched for as fixed text.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import description from '../../prompts/tools/ripgrep.md?raw';
import type { ToolSchema } from '../model/chat.ts';
import type { JsonObject } from '../protocol.ts';
import { startRipgrep } from '../system/ripgrep.ts';
import { within } from '../system/within.ts';
import { stringArgument } from './arguments.ts';
import { displayPath, notFoundMessage } from './near-paths.ts';
import type { Tool, ToolContext, ToolResult } from './tool.ts';
import { asToolCall, failure } from './tool-call-item.ts';

const MATCHES_KEPT = 100;
/** Counting stops here: beyond it the exact number is of no use. */
const MATCHES_COUNTED = 1_000;
const TIME_LIMIT_MS = 30_000;
const KILL_GRACE_MS = 100;
/** Bytes of the output limit that the notes may take. */
const NOTE_RESERVE = 200;

const FLAGS = [
  '--no-config',
  '--no-heading',
  '--with-filename',
  '--line-number',
  '--color=never',
  '--sort=path',
  '--max-columns=300',
  '--max-columns-preview',
  '--no-messages',
  '--hidden',
  // `$` must match in files with Windows line ends, and look-around, which models write, needs PCRE2.
  '--crlf',
  '--engine=auto',
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
export function createRipgrepTool({ env = process.env }: { readonly env?: NodeJS.ProcessEnv } = {}): Tool {
  return {
    schema,
    isReadOnly: () => true,
    run: (args, ctx) => asToolCall('ripgrep', args, ctx, () => search(args, ctx, env)),
  };
}

async function search(args: JsonObject, ctx: ToolContext, env: NodeJS.ProcessEnv): Promise<ToolResult> {
  const pattern = stringArgument(args, 'pattern') ?? '';
  if (pattern === '') return failure('pattern is empty: give a regular expression');
  if (pattern.includes('\0')) return failure('pattern contains a NUL byte');
  const target = path.resolve(ctx.cwd, stringArgument(args, 'path') ?? '');
  const found = await stat(target).catch(() => undefined);
  if (found === undefined) return failure(`No matches found: ${await notFoundMessage(target, ctx.cwd)}`);
  if (!found.isFile() && !found.isDirectory()) return failure(`not a regular file: ${target}`);

  const glob = stringArgument(args, 'glob');
  const flags = [...FLAGS];
  // Generated files are noise, unless the model names one.
  if (found.isDirectory()) flags.push('--max-filesize=1M');
  if (/\n|\\n/.test(pattern)) flags.push('--multiline');
  if (glob !== undefined && glob !== '') flags.push(`--glob=${glob}`);
  flags.push('--glob=!.git');
  const shown = displayPath(target, ctx.cwd);
  const where = shown === '.' ? [] : [shown];

  const run = (extra: readonly string[]): Promise<Search> =>
    runRipgrep([...flags, ...extra, '--', pattern, ...where], ctx, env);
  let result = await run([]);
  const mistake = result.kept.length === 0 ? regexMistake(result.errors) : undefined;
  if (mistake !== undefined) result = await run(['--fixed-strings']);

  if (result.end === 'aborted') return failure('aborted by user');
  // Files that may not be read give the same exit code, silently.
  if (result.kept.length === 0 && result.exitCode === 2 && result.errors !== '') {
    return failure(result.errors.trim());
  }
  const lines = mistake === undefined ? [] : [`[not a valid regex (${mistake}); searched as fixed text]`];
  lines.push(...(result.kept.length === 0 ? ['No matches found.'] : result.kept));
  const more = result.total - result.kept.length;
  if (more > 0) {
    const count = result.total >= MATCHES_COUNTED ? `over ${more}` : `${more}`;
    lines.push(`[${count} more matches: narrow the pattern, path or glob]`);
  }
  if (result.end === 'timeout') lines.push(`[stopped after ${TIME_LIMIT_MS / 1_000} seconds]`);
  return { ok: true, text: lines.join('\n'), bounded: true };
}

interface Search {
  readonly kept: readonly string[];
  /** Lines found, up to MATCHES_COUNTED. */
  readonly total: number;
  readonly end: 'done' | 'timeout' | 'aborted';
  readonly exitCode: number | null;
  readonly errors: string;
}

async function runRipgrep(
  args: readonly string[],
  ctx: ToolContext,
  env: NodeJS.ProcessEnv,
): Promise<Search> {
  const group = await startRipgrep(args, { cwd: ctx.cwd, env }).catch((error: unknown) => {
    throw new Error(
      `ripgrep could not be started (${String(error)}): set OAGENT_RG to an rg, or use shell with grep`,
    );
  });
  const kept: string[] = [];
  let total = 0;
  let bytesLeft = ctx.outputLimit - NOTE_RESERVE;
  let errors = '';
  const take = (line: string): void => {
    total += 1;
    bytesLeft -= Buffer.byteLength(line) + 1;
    // The first match is always kept, and nothing after the first one that did not fit.
    if (kept.length < MATCHES_KEPT && kept.length === total - 1 && (bytesLeft >= 0 || total === 1))
      kept.push(line);
  };
  const reading = (async () => {
    const decoder = new StringDecoder();
    let rest = '';
    for await (const chunk of group.stdout) {
      const lines = (rest + decoder.write(chunk)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.slice(0, MATCHES_COUNTED - total)) take(line.replace(/\r$/, ''));
      if (total >= MATCHES_COUNTED) return;
    }
  })().catch(() => {}); // A search that is stopped below ends the reading with an error.
  const listening = (async () => {
    for await (const chunk of group.stderr) errors = (errors + chunk).slice(0, 4_000);
  })().catch(() => {});

  const { kind: end } = await within(reading, TIME_LIMIT_MS, ctx.signal);
  if (end !== 'done' || total >= MATCHES_COUNTED) await group.terminate(KILL_GRACE_MS);
  group.stdout.destroy();
  const { code: exitCode } = await group.exited;
  await Promise.all([reading, listening]);
  return { kept, total, end, exitCode, errors };
}

/** What rg's regex engine complains about; undefined if that was not the problem. */
function regexMistake(errors: string): string | undefined {
  if (!/regex parse error|error compiling pattern|regex could not be compiled/.test(errors)) return undefined;
  return /^error: (.+)$/m.exec(errors)?.[1] ?? 'syntax error';
}
