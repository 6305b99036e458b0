/** `/memories` in the app: the list comes when it is there; one of it is shown whole, and forgotten. */
import { errorMessage } from '../../text/error-message.ts';
import type { LineContext } from '../lines/style.ts';
import { FORGET, memoryAction, openMemories, openMemory } from '../overlay/memory-picker.ts';
import type { Overlay } from '../overlay/overlay.ts';
import { handlePickerKey, type PickerState } from '../overlay/picker.ts';
import { pickerLines } from '../overlay/picker-lines.ts';
import type { MemoryEntry, MemoryReport } from '../ports.ts';
import type { Body } from '../screen/region.ts';
import { chordOf, type Key } from '../term/keys.ts';
import type { AppPort } from './app-port.ts';

type Port = Pick<AppPort, 'services' | 'facts' | 'state' | 'submit' | 'say' | 'warn' | 'changed'>;

export class MemoriesOverlay implements Overlay {
  readonly #app: Port;
  #report: MemoryReport | undefined;
  /** Undefined until the list is there. */
  #picker: PickerState | undefined;
  /** The one that is shown; undefined: the list is. */
  #entry: MemoryEntry | undefined;
  #hasFailed = false;

  constructor(app: Port) {
    this.#app = app;
    app.services.memories.report().then(
      (report) => {
        this.#report = report;
        this.#showList();
        app.changed();
      },
      (error: unknown) => {
        this.#hasFailed = true;
        app.warn(errorMessage(error));
      },
    );
  }

  lines(ctx: LineContext, maxRows: number): Body {
    if (this.#picker !== undefined) return { lines: pickerLines(this.#picker, ctx, maxRows) };
    return {
      lines: [this.#hasFailed ? 'It cannot be listed. Esc closes.' : 'Looking for what is remembered…'],
    };
  }

  onKey(key: Key): ReturnType<Overlay['onKey']> {
    if (this.#picker === undefined) return chordOf(key) === 'escape' ? 'done' : 'kept';
    const step = handlePickerKey(this.#picker, key);
    if ('state' in step) {
      this.#picker = step.state;
      return 'kept';
    }
    const { result } = step;
    if (this.#entry !== undefined)
      return this.#endEntry(this.#entry, result.type === 'chosen' && result.id === FORGET);
    return result.type === 'chosen' ? this.#choose(result.id) : 'done';
  }

  #showList(): void {
    const { facts, state } = this.#app;
    this.#entry = undefined;
    this.#picker =
      this.#report && openMemories(this.#report, { isIncognito: state.isIncognito, home: facts.home });
  }

  #choose(id: string): 'kept' | 'done' {
    const action = memoryAction(id);
    switch (action.type) {
      case 'incognito':
        this.#app.submit({ type: 'go_incognito' });
        return 'done';
      case 'switch':
        this.#say(this.#app.services.memories.switchFolder(action.isOn));
        return 'done';
      case 'entry':
        this.#entry = this.#report?.entries.find(({ key }) => key === action.key);
        if (this.#entry !== undefined) this.#picker = openMemory(this.#entry);
        return 'kept';
      default:
        return action satisfies never;
    }
  }

  #endEntry({ key }: MemoryEntry, isForgotten: boolean): 'kept' | 'done' {
    if (!isForgotten) {
      this.#showList();
      return 'kept';
    }
    this.#say(this.#app.services.memories.forget(key));
    return 'done';
  }

  #say(work: Promise<string>): void {
    work.then(
      (said) => this.#app.say(said),
      (error: unknown) => this.#app.warn(errorMessage(error)),
    );
  }
}
