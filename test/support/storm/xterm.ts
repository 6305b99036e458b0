/** A recording as xterm shows it. */
import { UnicodeGraphemesAddon } from '@xterm/addon-unicode-graphemes';
import xterm from '@xterm/headless';
import type { History, Recording } from './recording.ts';

/** @returns the history at each look, and at the end. */
export async function inXterm({ start, seen }: Recording): Promise<History[]> {
  const terminal = new xterm.Terminal({
    cols: start.columns,
    rows: start.rows,
    scrollback: 100_000,
    allowProposedApi: true,
  });
  terminal.loadAddon(new UnicodeGraphemesAddon());
  const histories: History[] = [];
  for (const event of seen) {
    if ('bytes' in event) await new Promise<void>((resolve) => terminal.write(event.bytes, resolve));
    else if ('size' in event) terminal.resize(event.size.columns, event.size.rows);
    else histories.push(historyOf(terminal));
  }
  histories.push(historyOf(terminal));
  terminal.dispose();
  return histories;
}

function historyOf(terminal: xterm.Terminal): string[] {
  const { normal } = terminal.buffer;
  const lines: string[] = [];
  for (let y = 0; y < normal.length; y += 1) {
    const row = normal.getLine(y);
    const text = row?.translateToString(false) ?? '';
    if (row?.isWrapped) lines[lines.length - 1] += text;
    else lines.push(text);
  }
  return lines;
}
