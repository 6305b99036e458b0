/**
 * A page of text on the whole screen: the transcript, a diff, an approval in full.
 *
 * Drawn on the alternate screen past Ink, whose own writes are held back meanwhile, so that the history is unchanged
 * when it closes; drawn only when something changed.
 */
import { asRows } from '../lines/prose.ts';
import {
  handlePagerKey,
  openBacktrack,
  openPager,
  type PagerScreen,
  type PagerState,
} from '../overlay/pager.ts';
import { pagerLines } from '../overlay/pager-lines.ts';
import { type PagerSource, start } from '../overlay/pager-place.ts';
import { linesSource, type TranscriptCache, transcriptSource } from '../overlay/transcript.ts';
import type { Key } from '../term/keys.ts';
import type { AppPort, PagerContent } from './app-port.ts';
import { openRewind } from './rewind-overlay.ts';

/** How soon a page shows what has changed. */
const DRAW_MS = 100;

type Port = Pick<
  AppPort,
  'terminal' | 'clock' | 'transcript' | 'submit' | 'context' | 'open' | 'say' | 'warn'
>;

export class Pager {
  readonly #app: Port;
  readonly #content: PagerContent;
  readonly #cache: TranscriptCache = new WeakMap();
  #state: PagerState;
  #built: { readonly key: string; readonly source: PagerSource } | undefined;
  #cancelDraw: (() => void) | undefined;

  constructor(app: Port, content: PagerContent) {
    this.#app = app;
    this.#content = content;
    const isChoosing = content.kind === 'transcript' && content.isChoosingPrompt;
    const opened = openPager(content.kind === 'transcript' ? 'end' : start);
    this.#state = isChoosing ? (openBacktrack(this.#view()) ?? opened) : opened;
    app.terminal.wholeScreen.enter();
    this.#draw();
  }

  onKey(key: Key): 'kept' | 'done' {
    const step = handlePagerKey(this.#state, key, this.#view());
    if ('result' in step) {
      if (step.result.type === 'rollback') this.#rollBack(step.result.itemId);
      return 'done';
    }
    this.#state = step.state;
    this.#draw();
    return 'kept';
  }

  /** Something was said, or the terminal was resized: redrawn shortly. */
  contentChanged(): void {
    this.#cancelDraw ??= this.#app.clock.schedule(() => {
      this.#cancelDraw = undefined;
      this.#draw();
    }, DRAW_MS);
  }

  close(): void {
    this.#cancelDraw?.();
    this.#app.terminal.wholeScreen.leave();
  }

  #rollBack(itemId: string): void {
    const { transcript } = this.#app;
    if (transcript.hasChangesFrom(itemId)) return openRewind(this.#app, itemId);
    const later = transcript.promptsFrom(itemId);
    if (later > 0) this.#app.submit({ type: 'rollback', userTurns: later });
  }

  #draw(): void {
    const lines = pagerLines(this.#state, this.#view(), asRows(this.#app.context()));
    this.#app.terminal.wholeScreen.draw(lines);
  }

  #view(): PagerScreen {
    const { columns, rows } = this.#app.terminal.size();
    return { source: this.#source(), width: columns, rows };
  }

  #source(): PagerSource {
    const ctx = asRows(this.#app.context());
    const key = `${ctx.width} ${this.#app.transcript.version}`;
    if (this.#built?.key === key) return this.#built.source;
    const source =
      this.#content.kind === 'transcript'
        ? transcriptSource(this.#app.transcript.entries, ctx, 'Transcript', this.#cache)
        : linesSource(this.#content.lines(ctx), this.#content.title);
    this.#built = { key, source };
    return source;
  }
}
