/**
 * View.tsx alone, rendered by ink-testing-library: a model of the test's own, keys as bytes, as the
 * terminal's input hands them to the app, live regions as text. Scrollback, cursor and modes are what `tui.ts` is for.
 */
import { render } from 'ink-testing-library';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/tui/control/frame-clock.ts';
import { type Frame, noRegions, type Regions, type ViewModel } from '../../src/tui/screen/frame.ts';
import { type KeyListener, KeyReader } from '../../src/tui/term/key-reader.ts';
import { chordOf, type Key } from '../../src/tui/term/keys.ts';
import { View } from '../../src/tui/View.tsx';

type HearingModel = ViewModel & Pick<KeyListener, 'onKey' | 'onPaste'>;

export class TestModel implements HearingModel {
  /** Keys by their chords, pastes as `paste: TEXT`. */
  readonly heard: string[] = [];
  readonly #listeners = new Set<() => void>();
  #frame: Frame = { printed: [], live: [], regions: noRegions, size: { columns: 100, rows: 30 } };

  readonly frame = (): Frame => this.#frame;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly onKey = (key: Key): void => {
    this.heard.push(chordOf(key));
  };

  readonly onPaste = (text: string): void => {
    this.heard.push(`paste: ${text}`);
  };

  get listeners(): number {
    return this.#listeners.size;
  }

  /** Another picture, painted in the next turn of the loop. */
  show(regions: Partial<Regions>): void {
    this.#frame = { ...this.#frame, regions: { ...this.#frame.regions, ...regions } };
    for (const listener of this.#listeners) listener();
  }
}

export class ViewHarness<Model extends HearingModel> {
  readonly model: Model;
  readonly view: ReturnType<typeof render>;
  readonly #keys: KeyReader;

  constructor(model: Model) {
    this.model = model;
    const { onKey, onPaste } = model;
    const ignored = (): void => undefined;
    this.#keys = new KeyReader({ onKey, onPaste, onFocus: ignored, onKeyboard: ignored }, systemClock);
    this.view = render(<View model={model} onFrame={ignored} />);
    onTestFinished(() => this.view.unmount());
  }

  /** Bytes as a terminal sends them, each piece in a read of its own. */
  async type(...pieces: readonly string[]): Promise<void> {
    for (const bytes of pieces) {
      this.#keys.read(bytes);
      await turnOfLoop();
    }
  }

  /** Waits until the frame shows what the model has become. */
  async painted(): Promise<string> {
    await turnOfLoop();
    return this.text();
  }

  /** The last frame without its styles. */
  text(): string {
    return (this.view.lastFrame() ?? '').replace(/\x1b\[[\d;]*m/g, '');
  }
}

function turnOfLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
