/**
 * Everything React and Ink do: finished cells go once into the scrollback, the live region is painted below them. Keys do
 * not pass through here.
 *
 * Invariants: the history is memoised, so that a frame in which nothing was finished does not touch it (an
 * un-memoised `Static` is painted past the frame limit); its lines are logical, so that the terminal wraps them and
 * copying gives no hard line ends. No state lives here.
 */
import { Static, Text, useApp, useCursor, usePaste } from 'ink';
import { memo, useEffect, useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { mostCells } from '../text/cell-width.ts';
import type { PrintedCell, ViewModel } from './screen/frame.ts';

/** Wider than any terminal: Ink leaves the lines whole and the terminal wraps them. */
const LOGICAL_WIDTH = 500;

const History = memo(function History({ printed }: { readonly printed: readonly PrintedCell[] }) {
  const painted = useRef(0);
  // Ink makes an object for every cell of its canvas, so it is no wider than the new lines.
  const width = Math.min(LOGICAL_WIDTH, longest(printed.slice(painted.current)));
  useLayoutEffect(() => {
    painted.current = printed.length;
  }, [printed]);
  return (
    <Static items={printed as PrintedCell[]} style={{ width }}>
      {(cell) => <Text key={cell.id}>{cell.lines.join('\n')}</Text>}
    </Static>
  );
});

/** At least the cells of the longest line. */
function longest(cells: readonly PrintedCell[]): number {
  return cells.reduce(
    (most, { lines }) => lines.reduce((max, line) => Math.max(max, mostCells(line)), most),
    1,
  );
}

const Live = memo(function Live({ text }: { readonly text: string }) {
  return <Text>{text}</Text>;
});

const ignored = (): void => undefined;

interface ViewProps {
  readonly model: ViewModel;
  /** Receives what hands the terminal over while `work` runs. */
  readonly onMounted: (suspend: (work: () => Promise<void>) => Promise<void>) => void;
}

export function View({ model, onMounted }: ViewProps) {
  const frame = useSyncExternalStore(model.subscribe, model.frame);
  const { suspendTerminal } = useApp();
  const { setCursorPosition } = useCursor();
  setCursorPosition(frame.cursor);
  // For the modes alone: raw input and marked pastes. Nothing is ever read from Ink (TerminalInput).
  usePaste(ignored);
  useEffect(() => onMounted((work) => suspendTerminal(work)), [onMounted, suspendTerminal]);
  return (
    <>
      <History printed={frame.printed} />
      <Live text={frame.live.join('\n')} />
    </>
  );
}
