/** What `oagent stats` prints: the models as blocks of lines, and the days as bars. */
import { type ModelStats, speedsOf } from '../../rollout/stats/model-stats.ts';
import type { Stats } from '../../rollout/stats/stats.ts';
import { type DayStats, dateOf } from '../../rollout/stats/tally.ts';
import { formatCount, groupDigits, plural } from '../../text/digits.ts';
import { oneLine } from '../../tui/lines/clean.ts';
import { truncateEnd } from '../../tui/lines/width.ts';
import { wrap } from '../../tui/lines/wrap.ts';

interface ReportFacts {
  readonly days: number;
  /** Best first; those that were used too little are not in it. */
  readonly best: readonly ModelStats[];
  /** Columns. */
  readonly width: number;
}

/** More rows are no chart any more: then a row is a week, or more. */
const MAX_ROWS = 31;
const MAX_BAR = 40;

export function statsLines(stats: Stats, facts: ReportFacts): string[] {
  const { models, days } = stats;
  const span = facts.days === 1 ? 'Today' : `The last ${facts.days} days`;
  if (models.length === 0) return [`${span}: no model has answered.`, ...damage(stats)];
  const turns = models.reduce((sum, model) => sum + model.turns.total, 0);
  const head = `${span}: ${plural(stats.sessions, 'session')}, ${plural(turns, 'turn')}`;
  return [
    ...wrap(head, facts.width),
    ...models.flatMap((model) => ['', ...modelLines(model, facts)]),
    '',
    ...chart(days, facts),
    ...[...bestLine(models, facts.best), ...damage(stats)].flatMap((line) => wrap(line, facts.width)),
  ];
}

function modelLines(stats: ModelStats, { width }: ReportFacts): string[] {
  const { turns, tokens, time, loads, compactions } = stats;
  const speeds = speedsOf(stats);
  const checked = joined([
    turns.verified > 0 && `${turns.verified} verified`,
    turns.refuted > 0 && `${turns.refuted} refuted by the check`,
  ]);
  const ended = joined([
    `${turns.done} done${checked === '' ? '' : ` (${checked})`}`,
    turns.failed > 0 && `${turns.failed} failed`,
    turns.interrupted > 0 && `${turns.interrupted} interrupted`,
  ]);
  const also = joined([
    loads > 0 && `loaded ${times(loads)}`,
    compactions > 0 && `compacted ${times(compactions)}`,
  ]);
  const rows: (readonly [string, string])[] = [
    ['worked', `${timeText(time)}, ${plural(stats.requests, 'answer')}`],
    ['turns', ended],
    ['read', `~${formatCount(tokens.read)} tokens${againText(stats)}${speedText(speeds.read)}`],
    ['wrote', `${formatCount(tokens.written)} tokens${speedText(speeds.write)}`],
    ['faults', faultText(stats)],
    ...(also === '' ? [] : [['also', also] as const]),
  ];
  const label = (name: string): string => `  ${name.padEnd(7)} `;
  const rest = label('');
  return [
    truncateEnd(oneLine(stats.model), width),
    ...rows.flatMap(([name, value]) => wrap(value, width, { first: label(name), rest })),
  ];
}

/** Without the server's times nobody knows. */
function againText({ tokens, time }: ModelStats): string {
  if (tokens.read === 0 || time.read === 0) return '';
  return `, ${Math.round((tokens.readAgain / tokens.read) * 100)}% of them again`;
}

function timeText({ work, estimated }: ModelStats['time']): string {
  return `${estimated > 0 ? '~' : ''}${hours(work)}`;
}

function speedText(speed: number | undefined): string {
  if (speed === undefined) return '';
  return `, ${speed < 100 ? speed.toFixed(1) : groupDigits(Math.round(speed))}/s`;
}

function faultText({ repaired, askedAgain, refused }: ModelStats): string {
  const text = joined([
    repaired > 0 && `${repaired} repaired`,
    askedAgain > 0 && `${askedAgain} asked again`,
    refused > 0 && `${plural(refused, 'call')} refused`,
  ]);
  return text === '' ? 'none' : text;
}

function joined(parts: readonly (string | false)[]): string {
  return parts.filter((part) => part !== false).join(', ');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${groupDigits(count)} times`;
}

/** `42s`, `7m`, `3h 05m`. */
function hours(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.round(ms / 1_000)}s`;
  if (minutes < 60) return `${minutes}m`;
  return `${groupDigits(Math.floor(minutes / 60))}h ${String(minutes % 60).padStart(2, '0')}m`;
}

function bestLine(models: readonly ModelStats[], best: readonly ModelStats[]): string[] {
  const [first] = best;
  if (models.length < 2) return [];
  if (first === undefined || best.length < 2)
    return ['', 'Too few turns to say which model works best: each needs five.'];
  const { done, refuted, total } = first.turns;
  return [
    '',
    `Works best: ${oneLine(first.model)}, ${done - refuted} of ${plural(total, 'turn')} done, of ${best.length} models with five turns or more.`,
  ];
}

function damage({ badLines, unreadableFiles }: Stats): string[] {
  const text = joined([
    badLines > 0 && `${plural(badLines, 'damaged line')} skipped`,
    unreadableFiles > 0 && `${plural(unreadableFiles, 'file')} not readable`,
  ]);
  return text === '' ? [] : ['', `Left out: ${text}.`];
}

/** One row for each day, also those without work, from the first one that has some. */
function chart(days: readonly DayStats[], { width }: ReportFacts): string[] {
  const rows = rowsOf(days);
  const most = Math.max(1, ...rows.map(({ work }) => work));
  const room = Math.max(1, Math.min(MAX_BAR, width - 32));
  const lines = rows.map(({ date, work, written }) => {
    const full = work === 0 ? 0 : Math.max(1, Math.round((work / most) * room));
    if (work === 0 && written === 0) return `  ${date}`;
    return `  ${date}  ${'━'.repeat(full)} ${hours(work)}, ${formatCount(written)}`;
  });
  const step = rows[1] === undefined || rows[0] === undefined ? 1 : daysBetween(rows[0].date, rows[1].date);
  return [`Worked, and tokens written, ${step === 1 ? 'by day' : `by ${step} days, from`}`, ...lines];
}

function rowsOf(days: readonly DayStats[]): { readonly date: string; work: number; written: number }[] {
  const dated = days.filter(({ date }) => /^\d{4}-\d{2}-\d{2}$/.test(date));
  const [first, last] = [dated[0]?.date, dated.at(-1)?.date];
  if (first === undefined || last === undefined) return [];
  const count = daysBetween(first, last) + 1;
  const step = count <= MAX_ROWS ? 1 : 7 * Math.ceil(count / (7 * MAX_ROWS));
  const rows = Array.from({ length: Math.ceil(count / step) }, (_, at) => ({
    date: dateOf(new Date(new Date(`${first}T12:00:00`).getTime() + at * step * DAY_MS)),
    work: 0,
    written: 0,
  }));
  for (const { date, work, written } of dated) {
    const row = rows[Math.floor(daysBetween(first, date) / step)];
    if (row === undefined) continue;
    row.work += work;
    row.written += written;
  }
  return rows;
}

const DAY_MS = 86_400_000;

function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(`${to}T12:00:00Z`) - Date.parse(`${from}T12:00:00Z`)) / DAY_MS);
}

/** As `--json` prints it: keys as in `exec --json`, times in seconds. */
export function statsJson(stats: Stats, days: number): object {
  const seconds = (ms: number): number => Math.round(ms / 100) / 10;
  return {
    days,
    sessions: stats.sessions,
    models: stats.models.map((model) => ({
      model: model.model,
      sessions: model.sessions,
      answers: model.requests,
      turns: model.turns,
      tokens: {
        sent: model.tokens.sent,
        read: model.tokens.read,
        read_again: model.tokens.readAgain,
        written: model.tokens.written,
      },
      seconds: {
        work: seconds(model.time.work),
        estimated: seconds(model.time.estimated),
        loading: seconds(model.time.load),
        reading: seconds(model.time.read),
        writing: seconds(model.time.write),
      },
      tokens_per_second: speedsOf(model),
      loads: model.loads,
      compactions: model.compactions,
      repaired: model.repaired,
      asked_again: model.askedAgain,
      calls_refused: model.refused,
    })),
    by_day: stats.days.map(({ date, work, read, written, turns }) => ({
      date,
      ...{ seconds: seconds(work), tokens_read: read, tokens_written: written, turns },
    })),
    damaged_lines: stats.badLines,
    unreadable_files: stats.unreadableFiles,
  };
}
