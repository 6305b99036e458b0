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
import type { PrintedCell, ViewModel } from './frame.ts';
import { keysOf } from './ink-keys.ts';

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
