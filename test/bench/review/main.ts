/**
 * How well a real model reviews: `node test/bench/review/main.ts MODEL HOST` prints, for each case, what was found in the wrong and in
 * the right change.  A finding counts if it is on the line of the bug.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { CASES, type ReviewCase } from './cases.ts';

const [model = 'qwen2.5-coder:1.5b', host = 'http://127.0.0.1:11434', only = ''] = process.argv.slice(2);
const ROOT = path.resolve(import.meta.dirname, '../../..');
/** From the sources, so that no build is needed. */
const ENTRY = ['--import', path.join(ROOT, 'test/support/raw-imports.mjs'), path.join(ROOT, 'src/main.ts')];
/** Of findings that the second look has confirmed. */
const SURE = 0.8;

interface Said {
  readonly findings: readonly {
    readonly title: string;
    readonly body: string;
    readonly confidence_score: number;
    readonly code_location: { readonly line_range: { readonly start: number } };
  }[];
  readonly dropped: { readonly denied: number; readonly outside: number };
  readonly is_complete: boolean;
}

function reviewOf({ file, before }: ReviewCase, after: string): Said {
  const base = mkdtempSync(path.join(tmpdir(), 'oagent-review-'));
  try {
    const cwd = path.join(base, 'repo');
    const write = (text: string): void => {
      mkdirSync(path.dirname(path.join(cwd, file)), { recursive: true });
      writeFileSync(path.join(cwd, file), text);
    };
    const git = (...args: string[]): void =>
      void execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@t', ...args], { cwd });
    write(before);
    git('init', '-q');
    git('add', '.');
    git('commit', '-qm', 'before');
    write(after);
    const settings = ['-c', 'model_context_window=8192', '-m', model];
    const env = { ...process.env, OAGENT_HOME: path.join(base, 'home'), OLLAMA_HOST: host };
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [...ENTRY, 'review', '--json', '--verbose', ...settings],
      {
        cwd,
        env,
        encoding: 'utf8',
      },
    );
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as Said;
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

let found = 0;
let wrongElse = 0;
let falseOnes = 0;
let cleanWithFalse = 0;
let sureRight = 0;
let sureFalse = 0;
const begun = performance.now();
const cases = CASES.filter(({ file }) => new RegExp(only).test(file));
for (const one of cases) {
  const bugLine = one.wrong.split('\n').findIndex((line) => line.includes(one.bug)) + 1;
  const wrong = reviewOf(one, one.wrong);
  const right = reviewOf(one, one.right);
  const hit = wrong.findings.some(({ code_location: { line_range } }) => line_range.start === bugLine);
  found += Number(hit);
  wrongElse += wrong.findings.length - Number(hit);
  falseOnes += right.findings.length;
  cleanWithFalse += Number(right.findings.length > 0);
  const isSure = (finding: Said['findings'][number]): boolean => finding.confidence_score >= SURE;
  sureRight += Number(
    wrong.findings.some((one) => isSure(one) && one.code_location.line_range.start === bugLine),
  );
  sureFalse += right.findings.filter(isSure).length;
  process.stdout.write(
    `${one.file}: ${hit ? 'found' : 'MISSED'}, ${wrong.findings.length} said, ${wrong.dropped.denied} denied; clean: ${right.findings.length} false, ${right.dropped.denied} denied\n`,
  );
  if (process.env.SHOW) process.stdout.write(`${JSON.stringify({ wrong, right }, null, 1)}\n`);
}
const seconds = Math.round((performance.now() - begun) / 1_000);
process.stdout.write(
  `${model}: ${found} of ${cases.length} bugs found, ${wrongElse} other findings beside them; in ${cases.length} clean changes ${falseOnes} false findings (${cleanWithFalse} changes); confirmed: ${sureRight} bugs, ${sureFalse} false ones; ${seconds} s\n`,
);
