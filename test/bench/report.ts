/**
 * The figures as Markdown, beside the targets.
 *
 * Owns: the targets, and how a figure is written. Does not: measure or compute a figure.
 */

import type { AgentFigures, ProcessFigures } from './figures.ts';
import { indexReport } from './index-report.ts';
import type { IndexFigures } from './index-speed.ts';
import { count, judged, mb, ms, ratio, table, type Verdict } from './report-table.ts';
import type { SandboxOverhead } from './sandbox-overhead.ts';
import { type TerminalResults, terminalReport } from './terminal-report.ts';

export interface Results {
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly node: string;
    readonly date: string;
    /** Mean number of processes that wanted a core in the last minute, before and after. */
    readonly load: readonly [number, number];
  };
  readonly rounds: number;
  readonly node: ProcessFigures;
  readonly floor: AgentFigures;
  readonly oagent: AgentFigures;
  readonly secondSession: { readonly floor: number; readonly oagent: number };
  readonly steps: readonly string[];
  readonly flood: ProcessFigures & { readonly bytes: number };
  readonly sandbox: SandboxOverhead;
  readonly terminal: TerminalResults;
  readonly index: IndexFigures;
}

/** Judges what has a target. */
export function verdictsOf({ node, floor, oagent, secondSession }: Results) {
  const start = oagent.firstRequestMs / node.wallMs;
  const gap = oagent.gapMedianMs / floor.gapMedianMs;
  const megabytes = oagent.peakTreeBytes / 1e6;
  return {
    start: { name: 'start / node -e 0', value: start, target: '<= 3', met: start <= 3 },
    gap: { name: 'gap / floor', value: gap, target: '<= 1.3', met: gap <= 1.3 },
    memory: { name: 'peak RSS, MB', value: megabytes, target: '< 120', met: megabytes < 120 },
    firstTokens: {
      name: 'first request, tokens',
      value: oagent.firstTokens,
      target: '< 1,250',
      met: oagent.firstTokens < 1250,
    },
    reuse: { name: 'reuse', value: oagent.reuse, target: '1.00', met: oagent.reuse.toFixed(2) === '1.00' },
    secondSession: {
      name: 'second session, tokens',
      value: secondSession.oagent,
      target: '< 120',
      met: secondSession.oagent < 120,
    },
  } satisfies { [figure: string]: Verdict };
}

/** The whole report. */
export function reportOf(results: Results): string {
  const { machine, rounds, node, floor, oagent, secondSession, steps, flood, sandbox } = results;
  const verdicts = verdictsOf(results);
  const both = (write: (figures: AgentFigures) => string) => [write(floor), write(oagent)];
  const all = (write: (figures: ProcessFigures) => string) => [node, floor, oagent].map(write);
  const ratioToNode = ({ firstRequestMs }: AgentFigures) => ratio(firstRequestMs / node.wallMs);
  const rows = [
    ['start to first request, ms', ms(node.wallMs), ...both((f) => ms(f.firstRequestMs))],
    ['… / `node -e 0`', '1.00', ...both(ratioToNode), ...judged(verdicts.start)],
    ['start to first model request, ms', '', ...both((f) => ms(f.firstChatMs))],
    ['gap a step, median / max, ms', '', ...both((f) => `${ms(f.gapMedianMs)} / ${ms(f.gapMaxMs)}`)],
    ['… median / floor', '', '1.00', ratio(verdicts.gap.value), ...judged(verdicts.gap)],
    ['all gaps together, ms', '', ...both((f) => ms(f.gapSumMs))],
    ['… / floor', '', '1.00', ratio(oagent.gapSumMs / floor.gapSumMs)],
    ['last answer to exit, ms', '', ...both((f) => ms(f.exitMs))],
    ['wall / CPU, ms', ...all((f) => `${ms(f.wallMs)} / ${ms(f.cpuMs)}`)],
    ['peak RSS, process tree, MB', ...all((f) => mb(f.peakTreeBytes)), ...judged(verdicts.memory)],
    ['peak RSS, alone, MB', ...all((f) => mb(f.peakMainBytes))],
    [
      'first request, tokens (tools)',
      '',
      ...both((f) => `${count(f.firstTokens)} (${f.tools})`),
      ...judged(verdicts.firstTokens),
    ],
    ['last request, tokens', '', ...both((f) => count(f.lastTokens))],
    ['reuse: re-read / new tokens', '', ...both((f) => ratio(f.reuse)), ...judged(verdicts.reuse)],
    ['… by the server, its answers cached', '', ...both((f) => ratio(f.serverReuse))],
    [
      'second session, tokens re-read',
      '',
      count(secondSession.floor),
      count(secondSession.oagent),
      ...judged(verdicts.secondSession),
    ],
  ];
  const gaps = (figures: AgentFigures) => figures.gapsMs.map(ms);
  const [before, after] = machine.load.map((value) => value.toFixed(1));
  return [
    `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${machine.date}; load ${before} before, ${after} after`,
    '',
    `A ten-step task without a terminal, medians of ${rounds} interleaved rounds:`,
    '',
    table(['', 'node -e 0', 'floor', 'oagent', 'target', ''], rows),
    '',
    'Gap by step, ms:',
    '',
    table(
      ['', ...steps],
      [
        ['floor', ...gaps(floor)],
        ['oagent', ...gaps(oagent)],
      ],
    ),
    '',
    `A command that prints ${count(flood.bytes)} bytes, once: ${count(flood.wallMs)} ms, CPU ${count(flood.cpuMs)} ms,`,
    `peak RSS ${mb(flood.peakMainBytes)} MB alone, ${mb(flood.peakTreeBytes)} MB with the command.`,
    '',
    sandbox.kind === 'none'
      ? 'No sandbox works on this machine: its cost is not measured.'
      : `A sandboxed \`true\`: ${sandbox.sandboxedMs.toFixed(1)} ms against ${sandbox.bareMs.toFixed(1)} ms bare, ${(sandbox.sandboxedMs - sandbox.bareMs).toFixed(1)} ms more (aim: < 12).`,
    '',
    ...NOTES,
    '',
    terminalReport(results.terminal),
    '',
    indexReport(results.index),
  ].join('\n');
}

const NOTES = [
  '- The server answers at once, in a process of its own, and takes the times: a gap is from the end of an answer to',
  '  the arrival of the next chat request, the tool in between. floor: floor-agent.mjs, three tools, no care.',
  '- Column `node -e 0`: from start to end. One round that is not counted fills the compile cache.',
  '- CPU: user and system time of the process and all it waited for, in ticks of 10 ms.',
  '- Peak RSS: the tree is sampled every 10 ms from /proc and summed, shared pages in every process; alone: VmHWM.',
  '- Tokens: o200k over tool schemas and messages. Second session: the same task in another folder, tokens of its',
  '  first request behind what it shares with that of the first session.',
];
