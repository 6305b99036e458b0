/**
 * What React and Ink do: paint finished cells once into the scrollback, and the live region below them.
 *
 * Invariants: the history is memoised, so that a frame in which nothing was finished does not touch it (an
 * un-memoised `Static` is painted past the frame limit); its lines are logical, the terminal wraps them and copying
 * gives no hard line ends. No state lives here.
 * Does not: build lines or know what keys do.
 */
import { Static, Text, useApp, useCursor, useInput, usePaste } from 'ink';
import { memo, useEffect, useSyncExternalStore } from 'react';
import type { PrintedCell, ViewModel } from './frame.ts';
import { isUnmarkedPaste, keysOf } from './ink-keys.ts';

/** Wider than any terminal: Ink leaves the lines whole and the terminal wraps them. */
const LOGICAL_WIDTH = 500;

const History = memo(function History({ printed }: { readonly printed: readonly PrintedCell[] }) {
  return (
    <Static items={printed as PrintedCell[]} style={{ width: LOGICAL_WIDTH }}>
      {(cell) => <Text key={cell.id}>{cell.lines.join('\n')}</Text>}
    </Static>
  );
});

const Live = memo(function Live({ text }: { readonly text: string }) {
  return <Text>{text}</Text>;
});

export interface ViewProps {
  readonly model: ViewModel;
  /** Gets what hands the terminal over while a piece of work runs. */
  readonly onMounted: (suspend: (work: () => Promise<void>) => Promise<void>) => void;
}

export function View({ model, onMounted }: ViewProps) {
  const frame = useSyncExternalStore(model.subscribe, model.frame);
  const { suspendTerminal } = useApp();
  const { setCursorPosition } = useCursor();
  setCursorPosition(frame.cursor);
  useInput((input, key) => {
    if (isUnmarkedPaste(input)) model.onPaste(input);
    else for (const ours of keysOf(input, key)) model.onKey(ours);
  });
  usePaste(model.onPaste);
  useEffect(() => onMounted((work) => suspendTerminal(work)), [onMounted, suspendTerminal]);
  return (
    <>
      <History printed={frame.printed} />
      <Live text={frame.live.join('\n')} />
    </>
  );
}
