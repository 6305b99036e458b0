/**
 * The live region as React components, one for each part, that Ink puts below each other. The history does not pass
 * through here, nor do keys.
 *
 * Invariants: no state lives here; a part whose rows have not changed is not rendered or measured again.
 */
import { Box, Text } from 'ink';
import { memo, useInsertionEffect, useSyncExternalStore } from 'react';
import type { Frame, ViewModel } from './screen/frame.ts';

interface RowsProps {
  /** Rows that fit the terminal. */
  readonly text: string;
}

function Rows({ text }: RowsProps) {
  return text === '' ? null : <Text wrap="truncate">{text}</Text>;
}

export const Cells = memo(Rows);
export const Status = memo(Rows);
export const Queue = memo(Rows);
/** The composer, a dialog or an overlay. */
export const Body = memo(Rows);
export const Footer = memo(Rows);

interface ViewProps {
  readonly model: ViewModel;
  /** Hears which picture it is that Ink gives next. */
  readonly onFrame: (frame: Frame) => void;
}

export function View({ model, onFrame }: ViewProps) {
  const frame = useSyncExternalStore(model.subscribe, model.frame);
  useInsertionEffect(() => onFrame(frame), [frame, onFrame]);
  const { cells, status, queue, body, footer } = frame.regions;
  return (
    <Box flexDirection="column">
      <Cells text={cells} />
      <Status text={status} />
      <Queue text={queue} />
      <Body text={body} />
      <Footer text={footer} />
    </Box>
  );
}
