/** What /status prints: the session in a few aligned lines. */

import type { TokenUsage } from '../../protocol/requests.ts';
import type { HostAnswer, ThinkingFacts } from '../../protocol.ts';
import { formatCount, groupDigits } from '../../text/digits.ts';
import { hostLines } from '../../text/host-lines.ts';
import { oneLine } from './clean.ts';
import { prose } from './prose.ts';
import { modelName, shortPath } from './short-path.ts';
import type { LineContext } from './style.ts';

interface StatusReport {
  readonly version: string;
  readonly model: string | undefined;
  readonly isLed: boolean;
  /** Absent: the model does not think. */
  readonly thinking?: ThinkingFacts | undefined;
  readonly host: string;
  readonly server: string;
  /** What each of several hosts said; empty if there is only one. */
  readonly hosts: readonly HostAnswer[];
  /** What it is; absent: Ollama. */
  readonly serverName?: string | undefined;
  /** Absolute. */
  readonly cwd: string;
  readonly sandbox: string;
  readonly approval: string;
  readonly threadId: string | undefined;
  /** Tokens. */
  readonly window:
    | { readonly used: number; readonly size: number; readonly isEstimated: boolean }
    | undefined;
  /** How often the conversation was compacted. */
  readonly compactions: number;
  readonly total: TokenUsage | undefined;
  /** Lines about the repository index. */
  readonly index: readonly string[];
  readonly isIncognito: boolean;
  /** Running commands. */
  readonly background: number;
  readonly tokensPerSecond: number | undefined;
}

export function statusReport(facts: StatusReport, ctx: LineContext): string[] {
  const rows: (readonly [string, string])[] = [
    ['Model', facts.model === undefined ? 'none yet' : modelName(facts.model, facts.isLed)],
    ...(facts.thinking === undefined ? [] : [['Thinking', thinkingText(facts.thinking)] as const]),
    [
      'Server',
      `${facts.host} (${[facts.serverName, facts.server].filter((part) => part !== undefined).join(', ')})`,
    ],
    ...hostLines(facts.hosts).map((line, at) => [at === 0 ? 'Hosts' : '', line] as const),
    ['Directory', shortPath(facts.cwd, { cwd: '', home: ctx.home })],
    ['Permissions', `${facts.sandbox}, approval ${facts.approval}`],
    ['Context', contextText(facts)],
    ['Tokens', totalText(facts.total)],
    ...(facts.tokensPerSecond === undefined
      ? []
      : [['Speed', `${facts.tokensPerSecond.toFixed(1)} tokens/s`] as const]),
    ['Background', facts.background === 0 ? 'no commands running' : `${facts.background} running (/ps)`],
    ...facts.index.map((line, at) => [at === 0 ? 'Index' : '', line] as const),
    ['Session', `${facts.threadId ?? 'none yet'}${facts.isIncognito ? ' (incognito)' : ''}`],
  ];
  const label = Math.max(...rows.map(([name]) => name.length)) + 1;
  return [
    `• ${ctx.style.bold(`oagent ${facts.version}`)}`,
    ...rows.flatMap(([name, value]) =>
      prose(oneLine(value), ctx, {
        first: `  ${ctx.style.dim(name.padEnd(label))} `,
        rest: ' '.repeat(2 * (label + 3) > ctx.width ? 4 : label + 3),
      }),
    ),
  ];
}

function thinkingText({ effort, most }: ThinkingFacts): string {
  return effort === 'off' ? 'off' : `${oneLine(effort)}, stopped after ${groupDigits(most)} tokens`;
}

function contextText({ window, compactions }: StatusReport): string {
  if (window === undefined) return 'not known yet';
  const left = Math.max(0, 100 - Math.round((window.used / window.size) * 100));
  const counted = window.isEstimated ? 'estimated' : 'counted by the server';
  const compacted =
    compactions === 0 ? '' : `, compacted ${compactions === 1 ? 'once' : `${compactions} times`}`;
  return `${formatCount(window.used)} of ${formatCount(window.size)} tokens used, ${left}% left (${counted})${compacted}`;
}

function totalText(total: TokenUsage | undefined): string {
  if (total === undefined) return 'none yet';
  const { cachedInputTokens: cached } = total;
  const known = cached > 0 ? ` (${formatCount(cached)} of them from the cache)` : '';
  return `${formatCount(total.inputTokens)} read${known}, ${formatCount(total.outputTokens)} written`;
}
