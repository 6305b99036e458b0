/**
 * Ink and React, loaded when the first picture is on the screen: they take as long to load as all the rest of the view.
 *
 * Ink joins the rows as they are (its mode for screen readers): it would otherwise put every cell of every row into a
 * grid and read them out again, for each picture, and measure characters in its own way.
 */
import { PassThrough } from 'node:stream';
import { render } from 'ink';
import type { Size } from './ports.ts';
import type { Frame, ViewModel } from './screen/frame.ts';
import { frameStream } from './term/frame-stream.ts';
import { View } from './View.tsx';

export interface Layout {
  /** Lays the newest picture out now. */
  readonly flush: () => void;
  /** Resolves when the newest picture has been given. */
  readonly flushed: () => Promise<void>;
  readonly end: () => void;
}

/** @param take gets each picture of the model, laid out as rows. */
export function layOut(
  model: ViewModel,
  size: () => Size,
  take: (frame: Frame, rows: readonly string[]) => void,
): Layout {
  let frame = model.frame();
  const onFrame = (next: Frame): void => {
    frame = next;
  };
  const view = <View model={model} onFrame={onFrame} />;
  const ink = render(view, {
    stdout: frameStream(size, (text) => take(frame, text === '' ? [] : text.split('\n'))),
    // Nothing is ever read from Ink (TerminalInput).
    stdin: new PassThrough() as unknown as NodeJS.ReadStream,
    interactive: true,
    debug: true,
    isScreenReaderEnabled: true,
    exitOnCtrlC: false,
    patchConsole: false,
    kittyKeyboard: { mode: 'disabled' },
  });
  return { flush: () => ink.rerender(view), flushed: ink.waitUntilRenderFlush, end: ink.unmount };
}
