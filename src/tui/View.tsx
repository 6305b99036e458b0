/**
 * Everything React and Ink do: the live region is laid out. The history does not pass through here, nor do keys.
 *
 * Invariant: no state lives here.
 */
import { Text } from 'ink';
import { memo, useInsertionEffect, useSyncExternalStore } from 'react';
import type { Frame, ViewModel } from './screen/frame.ts';

const Live = memo(function Live({ text }: { readonly text: string }) {
  return <Text>{text}</Text>;
});

interface ViewProps {
  readonly model: ViewModel;
  /** Hears which picture it is that Ink gives next. */
  readonly onFrame: (frame: Frame) => void;
}

export function View({ model, onFrame }: ViewProps) {
  const frame = useSyncExternalStore(model.subscribe, model.frame);
  useInsertionEffect(() => onFrame(frame), [frame, onFrame]);
  return <Live text={frame.live.join('\n')} />;
}
