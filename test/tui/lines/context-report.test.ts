import { expect, test } from 'vitest';
import type { WindowUse } from '../../../src/protocol/requests.ts';
import { cellWidth } from '../../../src/text/cell-width.ts';
import { contextReport } from '../../../src/tui/lines/context-report.ts';
import { bareStyle } from '../../../src/tui/lines/style.ts';

const USE: WindowUse = {
  size: 16_384,
  used: 12_288,
  counted: 12_288,
  parts: [
    { source: 'system', tokens: 310 },
    { source: 'tools', tokens: 690 },
    { source: 'agents_md', tokens: 3_000 },
    { source: 'environment', tokens: 80 },
    { source: 'code', tokens: 1_108 },
    { source: 'talk', tokens: 2_000 },
    { source: 'outputs', tokens: 5_100 },
  ],
};

const shown = (use: WindowUse, width: number, isList = false): string[] =>
  contextReport(
    use,
    { width, style: bareStyle, cwd: '/work', home: '/home/ada', fullKey: undefined },
    isList,
  );

test.each([80, 40, 24])('bars in %i columns', (width) => {
  const lines = shown(USE, width);
  expect(Math.max(...lines.map(cellWidth))).toBeLessThanOrEqual(Math.max(width, 32));
  expect(`\n${lines.join('\n')}\n`).toMatchSnapshot();
});

test('a list for a screen reader', () => {
  expect(shown({ ...USE, used: 12_300, counted: 12_288 }, 200, true)).toMatchInlineSnapshot(`
    [
      "• Context: ~12,300 of 16,384 tokens used, 25% free (12,288 counted by the server)",
      "  System message: about 310, 2%",
      "  Tools: about 690, 4%",
      "  AGENTS.md: about 3,000, 18%",
      "  Environment: about 80, <1%",
      "  Code of the index: about 1,108, 7%",
      "  Talk: about 2,000, 12%",
      "  Outputs of tools: about 5,100, 31%",
      "  Free: about 4,084, 25%",
      "  To make room: /compact replaces talk and outputs by a summary, /new begins again; shorten AGENTS.md; or raise \`model_context_window\` where the memory of the machine allows it.",
    ]
  `);
});

test('nothing to be done while there is room', () => {
  const use: WindowUse = { size: 32_768, used: 100, parts: [{ source: 'system', tokens: 100 }] };
  expect(shown(use, 60)).toMatchInlineSnapshot(`
    [
      "• Context: ~100 of 32,768 tokens used, 100% free",
      "  (estimated)",
      "  System message       ~100  <1%  ━",
      "  Free              ~32,668 100%  ──────────────────────────",
    ]
  `);
});
