/**
 * Checks a summary against the session: a line that names a file, a command or a result that nothing in the session
 * supports is removed, so that nothing that never happened is believed afterwards.
 *
 * Invariants: pure; the remaining lines are unchanged and in order; headings stay, and so do lines about what is still
 * to be done, which may name what does not exist yet. When in doubt, a line stays.
 */
import type { HistoryItem } from '../context/history.ts';

export interface KnownFacts {
  /** Everything that was said and read. */
  readonly all: string;
  /** The same without the model's own words, which prove nothing. */
  readonly evidence: string;
  readonly commands: readonly RunCommand[];
  readonly cwd: string;
}

interface RunCommand {
  readonly command: string;
  /** Of the last run. */
  readonly exitCode: number | null;
}

interface CheckedSummary {
  readonly text: string;
  readonly struck: readonly string[];
}

type Claims = (line: string, record: KnownFacts) => boolean;

const EXTENSIONS =
  'ts|tsx|mts|cts|js|jsx|mjs|cjs|json|md|py|pyi|go|rs|java|kt|c|h|cc|cpp|hpp|cs|rb|php|swift|scala|lua|pl|sh|sql|txt|csv|xml|html|css|scss|vue|svelte|svg|yml|yaml|toml|ini|cfg|conf|lock|log|ipynb';
const FILE = new RegExp(`(?<![\\w/.@-])(?:[\\w@.-]*/)*[\\w@-][\\w@.-]*\\.(?:${EXTENSIONS})(?![\\w/])`, 'g');
/** Names of software that look like file names. */
const NO_FILE = /^(?:node|vue|next|nuxt|react|express|three|d3|backbone|ember)\.js$/i;
const URL = /\w+:\/\/\S+/g;
const PROGRAMS =
  /^(?:\$ )?(?:node|npm|npx|pnpm|yarn|bun|deno|tsc|vitest|jest|eslint|python3?|pytest|pip3?|git|ls|cat|cp|mv|rm|mkdir|touch|grep|rg|sed|awk|find|head|tail|diff|echo|chmod|curl|wget|make|cmake|gcc|clang|cargo|rustc|go|java|mvn|gradle|dotnet|ruby|php|docker|bash|sh)\s+\S/;
const TEST_RUN = /test|spec|pytest|jest|vitest|mocha|tox|\bcheck\b/i;
const COUNT = /\b(\d+)\s+(?:(?:unit )?tests?\s+)?(pass|fail|error|skip)/gi;
const EXIT = /\bexit(?:ed)?(?: with)?(?: code| status)?:?\s+(\d+)\b/gi;
const PASSED = /\btests?\b[^.\n]{0,40}\b(?:pass(?:ed|es|ing)?|succeed(?:ed|s)?|green)\b/i;
const SEARCHED = /^\W*(?:\w+ ){0,2}(?:searched|grepped)\b/i;
const SEARCH_MADE = /\b(?:ripgrep|search_code|grep|rg|find|ack|ag)\b/;
const ABSENT =
  /does(?:n['’]t| not) exist|not found|no such file|(?:is|are|was|were) missing|could(?:n['’]t| not) be found/i;
const ABSENCE_SEEN = /no such file|not found|does not exist|cannot find|can't find|missing|ENOENT|no match/i;

const HEADING = /^\s*#{1,6}\s/;
const TO_DO_HEADING = /remaining|next|to ?do|open|plan/i;
/** What is requested, forbidden or planned is not claimed to have happened. */
const NO_CLAIM =
  /\b(?:not|never|no|without|must|should|shall|needs? to|to be|will|would|if|until|once|so that|whether|wants?|todo|next|then|still|remaining|yet)\b|n['’]t\b/i;

const CHECKS: readonly Claims[] = [filesHold, commandsHold, resultsHold, absenceHolds, searchHolds];

export function checkSummary(summary: string, record: KnownFacts): CheckedSummary {
  const kept: string[] = [];
  const struck: string[] = [];
  let isToDo = false;
  for (const line of summary.split('\n')) {
    const isHeading = HEADING.test(line);
    if (isHeading) isToDo = TO_DO_HEADING.test(line);
    const holds = isHeading || isToDo || CHECKS.every((check) => check(line, record));
    (holds ? kept : struck).push(line);
  }
  return { text: kept.join('\n').trim(), struck };
}

/** What is known from these items: the user, the tools and the calls are evidence. */
export function recordOf(
  items: readonly HistoryItem[],
  more: Pick<KnownFacts, 'commands' | 'cwd'>,
): KnownFacts {
  const evidence: string[] = more.commands.map(({ command }) => command);
  const said: string[] = [];
  for (const item of items) {
    if (item.type === 'assistant') {
      said.push(item.content);
      for (const call of item.calls) evidence.push(call.name, ...textsIn(call.arguments));
    } else evidence.push(item.content);
  }
  const text = evidence.join('\n');
  return { ...more, evidence: text, all: `${text}\n${said.join('\n')}` };
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function filesHold(line: string, { all, cwd }: KnownFacts): boolean {
  return filesIn(line).every((file) => NO_CLAIM.test(line) || hasName(all, withoutFolder(file, cwd)));
}

function filesIn(line: string): readonly string[] {
  return (line.replace(URL, '').match(FILE) ?? []).filter((file) => !NO_FILE.test(file));
}

function withoutFolder(file: string, cwd: string): string {
  const path = file.startsWith(`${cwd}/`) ? file.slice(cwd.length + 1) : file;
  return path.replace(/^(?:\.{1,2}\/)+/, '');
}

/** As a separate name, or at the end of a longer path. */
function hasName(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text[at - 1] ?? ' ';
    const after = text[at + name.length] ?? ' ';
    if (!/[\w-]/.test(before) && !/\w/.test(after)) return true;
  }
  return false;
}

function commandsHold(line: string, { evidence }: KnownFacts): boolean {
  const spans = [...line.matchAll(/`([^`]+)`/g)].map(([, span = '']) => span.trim());
  const commands = spans.filter((span) => PROGRAMS.test(span));
  if (commands.length === 0 || NO_CLAIM.test(line)) return true;
  const record = oneSpaced(evidence);
  return commands.every((command) => record.includes(oneSpaced(command.replace(/^\$ /, ''))));
}

function oneSpaced(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function resultsHold(line: string, { evidence, commands }: KnownFacts): boolean {
  const counts = [...line.matchAll(COUNT)].filter(([, count]) => Number(count) > 0);
  const isCounted = counts.every(([, count, what]) =>
    new RegExp(`\\b${count}\\b[^\\n]{0,24}${what}|${what}\\w*\\W{1,4}${count}\\b`, 'i').test(evidence),
  );
  const exits = [...line.matchAll(EXIT)].every(([, code]) =>
    new RegExp(`(?:exit|code|status)[^\\n\\d]{0,16}${code}\\b`, 'i').test(evidence),
  );
  return isCounted && exits && (!PASSED.test(line) || NO_CLAIM.test(line) || testsPassed(evidence, commands));
}

/** Also true if tests may have run with an unknown result. */
function testsPassed(evidence: string, commands: readonly RunCommand[]): boolean {
  const runs = commands.filter(({ command }) => TEST_RUN.test(command));
  return runs.length === 0 ? /\bpass/i.test(evidence) && TEST_RUN.test(evidence) : runs.some(isGood);
}

function isGood({ exitCode }: RunCommand): boolean {
  return exitCode === 0;
}

function absenceHolds(line: string, { evidence }: KnownFacts): boolean {
  if (!ABSENT.test(line)) return true;
  const seen = evidence.split('\n').filter((read) => ABSENCE_SEEN.test(read));
  return filesIn(line).every((file) => seen.some((read) => read.includes(file.split('/').at(-1) ?? file)));
}

function searchHolds(line: string, { evidence }: KnownFacts): boolean {
  return !SEARCHED.test(line) || NO_CLAIM.test(line) || SEARCH_MADE.test(evidence);
}
