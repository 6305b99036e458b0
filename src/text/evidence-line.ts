/**
 * The evidence of a turn, in one line for people and models.
 *
 * Invariant: says only what is certain: what commands and MCP servers write is not seen, so after a command it does not
 * say that nothing changed, and after a call of a server nothing of what was not. The commands are not sanitised.
 */
import type { CheckResult, Evidence, TestRun } from '../protocol/evidence.ts';
import { plural } from './digits.ts';

export const NOTHING_CHANGED = 'nothing changed';
export const NO_TEST_RUN = 'no test was run';

const MAX_CHECKS = 3;
const MAX_COMMAND = 60;

/** ``1 file changed (+2 -1); `pytest -q` passed``, `nothing changed; no test was run`. */
export function evidenceLine(evidence: Evidence): string {
  return [filesText(evidence), commandsText(evidence)].join('; ');
}

/** `` `npm test` failed (2 of 43 tests) `` */
export function checkText({ command, passed, tests }: CheckResult): string {
  const line = command.replace(/\s+/g, ' ').trim();
  const shown = line.length > MAX_COMMAND ? `${line.slice(0, MAX_COMMAND - 1)}…` : line;
  return `\`${shown}\` ${passed ? 'passed' : 'failed'}${countText(tests)}`;
}

function countText({ passed, failed = 0 }: Partial<TestRun> = {}): string {
  if (passed === undefined) return failed > 0 ? ` (${plural(failed, 'test')})` : '';
  if (passed + failed === 0) return '';
  return failed > 0 ? ` (${failed} of ${plural(passed + failed, 'test')})` : ` (${plural(passed, 'test')})`;
}

function filesText({ files, commands, mcpCalls = 0 }: Evidence): string {
  if (mcpCalls > 0) {
    const calls = plural(mcpCalls, 'MCP call');
    return files.length === 0 ? calls : `${changesText(files)}, ${calls}`;
  }
  if (files.length > 0) return changesText(files);
  // Tests write, too: snapshots, reports, what they build.
  return commands.length === 0 ? NOTHING_CHANGED : 'no edit outside of commands';
}

function changesText(files: Evidence['files']): string {
  const sum = (what: 'added' | 'removed'): number => files.reduce((total, file) => total + file[what], 0);
  const all = (kind: string): boolean => files.every((file) => file.kind === kind);
  const how = all('delete') ? 'deleted' : 'changed';
  return `${plural(files.length, 'file')} ${how} (+${sum('added')} -${sum('removed')})`;
}

function commandsText({ commands, checks }: Evidence): string {
  if (checks.length > 0) {
    // Failures matter most.
    const shown = checks.toSorted((a, b) => Number(a.passed) - Number(b.passed)).slice(0, MAX_CHECKS);
    const more = checks.length - shown.length;
    return shown.map(checkText).join(', ') + (more > 0 ? ` and ${plural(more, 'more check')}` : '');
  }
  if (commands.length === 0) return NO_TEST_RUN;
  return `${plural(
    commands.reduce((total, { runs }) => total + runs, 0),
    'command',
  )} run`;
}
