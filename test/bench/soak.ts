/**
 * A session of many hours in a minute: thousands of tool calls in one turn, with a small window, against a scripted model
 * that answers at once.
 *
 * node test/bench/soak.ts [STEPS]. Linux only. Invariants: it counts only if every step was done exactly once, which the
 * model can only know from what compactions kept. Does not: judge the figures (report.ts).
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { measure } from './measured-process.ts';
import type { SoakAccount, SoakMessage } from './soak-server.ts';

export interface SoakFigures extends SoakAccount {
  readonly steps: number;
  readonly numCtx: number;
  readonly wallMs: number;
  /** Of oagent's own process, bytes. */
  readonly peakBytes: number;
  /** Tokens read again / new tokens, between compactions. */
  readonly reuse: number;
}

const MODEL = 'bench-soak';
const TIME_LIMIT_MS = 600_000;

/**
 * @param options `bin`: the built oagent.
 * @throws when the task was not done.
 */
export async function soak({
  bin,
  steps = 2_000,
  numCtx = 32_768,
}: {
  readonly bin: string;
  readonly steps?: number;
  readonly numCtx?: number;
}): Promise<SoakFigures> {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'oagent-soak-'));
  const server = fork(path.join(import.meta.dirname, 'soak-server.ts'), [String(steps), MODEL], {
    execArgv: [],
  });
  const next = async (): Promise<SoakMessage> => ((await once(server, 'message')) as [SoakMessage])[0];
  try {
    const listening = await next();
    if (listening.type !== 'listening') throw new Error('the server of the soak did not listen');
    const cwd = path.join(folder, 'work');
    mkdirSync(cwd);
    writeFileSync(
      path.join(cwd, 'big.txt'),
      lines(3_000, (line) => `line ${line} of a file that is read in parts`),
    );
    const run = await measure({
      file: process.execPath,
      args: [
        bin,
        'exec',
        '--dangerously-bypass-approvals-and-sandbox',
        '--skip-git-repo-check',
        '-m',
        MODEL,
        '-c',
        `model_context_window=${numCtx}`,
        `Do the ${steps} steps.`,
      ],
      cwd,
      env: {
        ...process.env,
        HOME: folder,
        OAGENT_HOME: path.join(folder, 'home'),
        OLLAMA_HOST: listening.host,
      },
      timeLimitMs: TIME_LIMIT_MS,
    });
    if (run.stdout.trim() !== `All ${steps} steps are done.`) {
      throw new Error(
        `the soak ended with ${run.exitCode}: ${run.stdout.slice(-500)}\n${run.stderr.slice(-2_000)}`,
      );
    }
    const wanted = lines(steps, (step) => (step % 5 > 2 ? String(step) : ''));
    if (readFileSync(path.join(cwd, 'out.txt'), 'utf8') !== wanted) {
      throw new Error('the soak lost a step, or did one twice');
    }
    server.send('take');
    const answer = await next();
    if (answer.type !== 'account') throw new Error('the server of the soak gave no account');
    const { account } = answer;
    return {
      ...account,
      steps,
      numCtx,
      wallMs: run.endedAt - run.startedAt,
      peakBytes: run.peakMainBytes,
      reuse: account.rereadTokens / account.newTokens,
    };
  } finally {
    server.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One line for each number from 1, but for those without text. */
function lines(count: number, text: (line: number) => string): string {
  const all = Array.from({ length: count }, (_, index) => text(index + 1));
  return all.flatMap((line) => (line === '' ? [] : [`${line}\n`])).join('');
}

if (process.argv[1] === import.meta.filename) {
  const bin = path.resolve(import.meta.dirname, '../../dist/main.js');
  const figures = await soak({ bin, steps: process.argv[2] ? Number(process.argv[2]) : undefined });
  process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
}
