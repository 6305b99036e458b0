/**
 * What React and Ink do: paint finished cells once into the scrollback, and the live region below them.
 *
 * Invariants: the history is memoised, so that a frame in which nothing was finished does not touch it (an
 * un-memoised `Static` is painted past the frame limit); its lines are logical, the terminal wraps them and copying
 * gives no hard line ends. No state lives here.
 * Does not: build lines or know what keys do.
 */
import { Box, Static, Text, useCursor, useInput, usePaste } from 'ink';
import { memo, useSyncExternalStore } from 'react';
import { keysOf } from './ink-keys.ts';
import type { Key } from './keys.ts';

/** A piece of history whose lines do not change any more. */
export interface PrintedCell {
  readonly id: number;
  readonly lines: readonly string[];
}

export interface Frame {
  readonly printed: readonly PrintedCell[];
  /** All that is below the history; fewer lines than the terminal has rows, each narrower than the terminal. */
  readonly live: readonly string[];
  /** Where the caret is in `live`, in cells and lines; absent: hidden. */
  readonly cursor?: { readonly x: number; readonly y: number };
}

/** What the view is painted from, and what it reports. */
export interface ViewModel {
  readonly frame: () => Frame;
  readonly subscribe: (listener: () => void) => () => void;
  readonly onKey: (key: Key) => void;
  readonly onPaste: (text: string) => void;
}

/** Wider than any terminal: Ink leaves the lines whole and the terminal wraps them. */
const LOGICAL_WIDTH = 500;

const History = memo(function History({ printed }: { readonly printed: readonly PrintedCell[] }) {
  return (
    <Static items={[...printed]} style={{ width: LOGICAL_WIDTH }}>
      {(cell) => <Text key={cell.id}>{cell.lines.join('\n')}</Text>}
    </Static>
  );
});

export function View({ model }: { readonly model: ViewModel }) {
  const frame = useSyncExternalStore(model.subscribe, model.frame);
  const { setCursorPosition } = useCursor();
  setCursorPosition(frame.cursor);
  useInput((input, key) => {
    for (const ours of keysOf(input, key)) model.onKey(ours);
  });
  usePaste(model.onPaste);
  return (
    <>
      <History printed={frame.printed} />
      <Box flexDirection="column">
        <Text wrap="truncate">{frame.live.join('\n')}</Text>
      </Box>
    </>
  );
}
