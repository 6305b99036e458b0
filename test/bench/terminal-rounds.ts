/**
 * Which scenes run how often. Invariants: one at a time; a start of oagent and one of Node in turn, after one start of
 * oagent that fills the compile cache. About two minutes. Does not: know what a scene does (terminal-scenes.ts).
 */
import type { TerminalResults } from './terminal-report.ts';
import type { TerminalScenes } from './terminal-scenes.ts';

export async function measureTerminal(scenes: TerminalScenes, rounds: number): Promise<TerminalResults> {
  const frames: number[] = [];
  const nodes: number[] = [];
  await scenes.firstFrame();
  while (frames.length < rounds) {
    nodes.push(await scenes.bareNode());
    frames.push(await scenes.firstFrame());
  }
  return {
    rounds,
    firstFrameMs: median(frames),
    bareNodeMs: median(nodes),
    idle: await scenes.idle(),
    rawEcho: await scenes.rawEcho(),
    waitingPercent: await scenes.waiting(),
    slow: await scenes.stream('slow'),
    fast: await scenes.stream('fast'),
    atOnce: await scenes.stream('at once'),
    raw: {
      slow: await scenes.rawStream(200),
      fast: await scenes.rawStream(2_000),
      atOnce: await scenes.rawStream(0),
    },
    calls: await scenes.calls(),
    sandboxedCalls: await scenes.sandboxedCalls(),
    items: await scenes.items(),
    output: await scenes.output(),
    paste: await scenes.paste(),
  };
}

/** figures.ts has one too, but loads the tokenizer. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
