/**
 * The composer in the app: its state, what its effects lead to, and how it looks.
 *
 * Invariants: text that was typed is in the composer, sent, or in the prompt history; the file list is read once, when
 * the first `@` asks for it.
 */
import type { Event, Op } from '../../protocol.ts';
import { formatCount } from '../../text/digits.ts';
import { errorMessage } from '../../text/error-message.ts';
import { customCommand, SLASH_COMMANDS, type SlashCommand } from '../composer/commands.ts';
import { handleComposerKey, handlePaste } from '../composer/composer.ts';
import {
  addStoredPrompts,
  type ComposerEffect,
  type ComposerResult,
  type ComposerState,
  clearDraft,
  composerMode,
  createComposer,
  draftText,
  insertImage,
  isEmpty,
  prependText,
  setText,
  setVi,
} from '../composer/composer-state.ts';
import { sizeOf } from '../composer/elements.ts';
import { FileIndex } from '../composer/file-search.ts';
import { imagePathsOf } from '../composer/image-path.ts';
import { layout } from '../composer/layout.ts';
import { popupLines } from '../composer/popup-lines.ts';
import { setFileMatches } from '../composer/popups.ts';
import { withResources } from '../composer/resource-search.ts';
import { refusal } from '../composer/send.ts';
import type { LineContext } from '../lines/style.ts';
import { truncateEnd } from '../lines/width.ts';
import type { Body } from '../screen/region.ts';
import type { Key } from '../term/keys.ts';
import type { AppPort, Draft } from './app-port.ts';
import { hintOf, hints } from './key-hints.ts';
import { runSlashCommand, type SlashPort } from './slash-commands.ts';

const PLACEHOLDER = 'Ask oagent to do anything';
const MAX_MATCHES = 50;
/** Of text, as an estimate. */
const CHARACTERS_A_TOKEN = 4;
/** Share of the window that is left beside the instructions, the tools and an answer. */
const ROOM_FOR_A_MESSAGE = 0.75;

type Port = SlashPort & Pick<AppPort, 'changed' | 'answerInstead'>;

export class ComposerControl implements Draft {
  readonly #app: Port;
  #state: ComposerState = createComposer();
  #files: FileIndex | undefined;
  /** Texts that came back since the user last changed something, and the draft that they precede. */
  #returned:
    | { readonly texts: readonly string[]; readonly draft: ComposerState; readonly state: ComposerState }
    | undefined;
  readonly #listing = new AbortController();

  constructor(app: Port) {
    this.#app = app;
  }

  /** Reads the prompts of earlier runs: not before the first picture, which does not show them. */
  begin(): void {
    void this.#app.services.promptHistory().then(
      (prompts) => {
        this.#state = addStoredPrompts(this.#state, prompts);
      },
      // The composer works as well without the prompts of earlier runs.
      () => undefined,
    );
  }

  get isEmpty(): boolean {
    return isEmpty(this.#state);
  }

  get hasPopup(): boolean {
    return this.#state.popup !== undefined;
  }

  get takesEscape(): boolean {
    const { vi } = this.#state;
    if (this.hasPopup || vi === undefined) return this.hasPopup;
    // While a turn runs and nothing is written, Escape can only mean the turn.
    return vi.mode === 'insert' ? !this.isEmpty || this.#app.state.turn === undefined : vi.pending !== '';
  }

  get hasVi(): boolean {
    return this.#state.vi !== undefined;
  }

  setVi(isOn: boolean): void {
    this.#state = setVi(this.#state, isOn);
  }

  /** vi's mode, and what was typed of a command. */
  mode(): string | undefined {
    const { vi } = this.#state;
    return vi && `${vi.mode.toUpperCase()} ${vi.pending}`.trim();
  }

  get draft(): string {
    return draftText(this.#state);
  }

  onKey(key: Key): void {
    const result = handleComposerKey(this.#state, key, this.#env());
    if (result !== undefined) this.#take(result);
  }

  paste(text: string): void {
    const { facts, services } = this.#app;
    const { cwd, home } = facts;
    const images = imagePathsOf(text, { cwd, home, exists: services.isFile, lookAlike: services.lookAlike });
    if (images.length === 0) this.#take(handlePaste(this.#state, text, { commands: this.#commands() }));
    for (const { path, note } of images) {
      this.#state = insertImage(this.#state, path);
      if (note !== undefined) this.#app.say(note);
    }
  }

  /** Messages taken back from the queue go before what is being written. */
  handle(event: Event): void {
    if (event.type === 'unqueued' || event.type === 'rolled_back') this.#putBack(event.text);
  }

  setText(text: string): void {
    this.#state = setText(this.#state, text);
  }

  /** Empties it; Up brings the draft back. */
  clear(): void {
    this.#state = clearDraft(this.#state);
  }

  /** The end of what is written, in one row: a dialog has the place of the composer. */
  lastRow(ctx: LineContext): string {
    const { rows } = layout(this.#state.buffer, ctx.width, 1);
    return truncateEnd(`› ${rows.at(-1) ?? ''}`, ctx.width - 1);
  }

  stop(): void {
    this.#listing.abort();
  }

  hint(): string {
    const { keymap, transcript } = this.#app;
    const help = hintOf(keymap, 'help', 'help');
    if (this.isEmpty && !transcript.hasPrompt) return hints(help, '/ commands', '@ files');
    if (this.isEmpty) return hints(help, hintOf(keymap, 'transcript', 'transcript'));
    return hints(hintOf(keymap, 'submit', 'send'), hintOf(keymap, 'newline', 'new line'));
  }

  /** Before a message is sent that the window cannot hold: the agent would leave out its middle. */
  warning(): string | undefined {
    const { window } = this.#app.state;
    if (window === undefined || window.size === 0) return undefined;
    const tokens = Math.round(sizeOf(this.#state.buffer) / CHARACTERS_A_TOKEN);
    if (tokens < window.size * ROOM_FOR_A_MESSAGE) return undefined;
    return `too long (~${formatCount(tokens)} tokens): its middle would be cut`;
  }

  body(ctx: LineContext, maxRows: number, placeholder = PLACEHOLDER): Body {
    const popup = popupLines(this.#state, ctx, Math.max(0, maxRows - 1));
    const rows = Math.max(1, Math.min(10, maxRows - popup.length));
    const { rows: shown, caret, above, below } = layout(this.#state.buffer, ctx.width, rows);
    const mode = composerMode(this.#state);
    const { style } = ctx;
    const glyph = mode === 'shell' ? style.magenta('›') : style.bold('›');
    const lines = shown.map((row, index) => {
      const isFirst = index === 0 && above === 0;
      const hasMore = (index === 0 && above > 0) || (index === shown.length - 1 && below > 0);
      return `${isFirst ? glyph : hasMore ? style.dim('⋮') : ' '} ${row}`;
    });
    const isBlank = this.isEmpty && mode !== 'search';
    const blank = style.dim(truncateEnd(placeholder, ctx.width - 3));
    const first = isBlank ? [`${glyph} ${blank}`] : lines;
    return { lines: [...first, ...popup], cursor: { x: caret.x + 2, y: caret.y } };
  }

  #env() {
    const { state, terminal } = this.#app;
    return {
      isRunning: state.turn !== undefined,
      queued: state.queue.length,
      commands: this.#commands(),
      keymap: this.#app.keymap,
      width: terminal.size().columns,
    };
  }

  #commands(): readonly SlashCommand[] {
    return [...SLASH_COMMANDS, ...this.#app.state.commands.map(customCommand)];
  }

  /** Texts that come back one after the other precede the draft in this order. */
  #putBack(text: string): void {
    const before = this.#returned?.state === this.#state ? this.#returned : undefined;
    const texts = [...(before?.texts ?? []), text];
    const draft = before?.draft ?? this.#state;
    this.#state = prependText(draft, texts.join('\n'));
    this.#returned = { texts, draft, state: this.#state };
  }

  #take({ state, effect, remembered }: ComposerResult): void {
    this.#state = state;
    if (remembered !== undefined) this.#app.services.rememberPrompt(remembered);
    if (effect !== undefined) this.#perform(effect);
  }

  #perform(effect: ComposerEffect): void {
    switch (effect.type) {
      case 'submit': {
        const { text } = effect;
        if (this.#app.answerInstead(text)) return;
        const type = this.#app.state.turn === undefined ? 'user_turn' : 'steer';
        void this.#send((images) => ({ type, text, images }), effect.images);
        return;
      }
      case 'queue': {
        const { text } = effect;
        void this.#send((images) => ({ type: 'user_turn', text, images }), effect.images);
        return;
      }
      case 'shell':
        this.#app.submit({ type: 'user_shell', command: effect.command });
        return;
      case 'command':
        runSlashCommand(this.#app, effect.name, effect.args);
        return;
      case 'custom_command': {
        const { name, args } = effect;
        void this.#send((images) => ({ type: 'custom_command', name, args, images }), effect.images);
        return;
      }
      case 'refused_command':
        this.#app.warn(refusal(effect, 'type / for a list'));
        return;
      case 'unqueue': {
        const last = this.#app.state.queue.at(-1);
        if (last !== undefined) this.#app.submit({ type: 'unqueue', id: last.id });
        return;
      }
      case 'editor':
        void this.#edit(effect.text);
        return;
      case 'search_files':
        void this.#search(effect.query);
        return;
      default:
        effect satisfies never;
    }
  }

  /** @param files of its images. */
  async #send(opOf: (images: readonly string[] | undefined) => Op, files: readonly string[]): Promise<void> {
    if (files.length === 0) {
      this.#app.submit(opOf(undefined));
      return;
    }
    try {
      const read = await Promise.all(files.map((file) => this.#app.services.readImage(file)));
      this.#app.submit(opOf(read));
    } catch (error) {
      // The prompt is the newest in the history: Up brings it back with its images.
      this.#app.warn(`the message was not sent (↑ brings it back): ${errorMessage(error)}`);
    }
  }

  async #edit(text: string): Promise<void> {
    const { services, terminal } = this.#app;
    await terminal.suspend(async () => {
      try {
        this.setText((await services.openEditor(text)).replace(/\n+$/, ''));
      } catch (error) {
        this.#app.warn(errorMessage(error));
      }
    });
    this.#app.changed(true);
  }

  async #search(query: string): Promise<void> {
    this.#files ??= this.#index();
    const likely = await this.#likely(query);
    // A newer letter has started another search meanwhile.
    if (likely === undefined) return;
    const matches = await this.#files.search(query, MAX_MATCHES, likely);
    if (matches === undefined) return;
    this.#state = setFileMatches(this.#state, query, withResources(matches, this.#app.state.mcp, query));
    this.#app.changed();
  }

  /** Files that the text is about; undefined: the text has changed meanwhile. */
  async #likely(query: string): Promise<readonly string[] | undefined> {
    const { likelyFiles } = this.#app.services;
    const { popup, buffer } = this.#state;
    if (likelyFiles === undefined || popup?.type !== 'files') return [];
    const { start, end } = popup.token;
    const about = `${buffer.text.slice(0, start)} ${query} ${buffer.text.slice(end)}`.trim();
    if (about === '') return [];
    const files = await likelyFiles(about);
    const { popup: now } = this.#state;
    return now?.type === 'files' && now.token.query === query ? files : undefined;
  }

  /** Fills while it is searched: the search runs again when more files are known. */
  #index(): FileIndex {
    const { services, clock } = this.#app;
    const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const index = new FileIndex({ now: clock.now, pause });
    const fill = async (): Promise<void> => {
      await index.load(flat(services.listFiles(this.#listing.signal)));
      const { popup } = this.#state;
      if (popup?.type === 'files') await this.#search(popup.token.query);
    };
    fill().catch((error: unknown) => {
      if (this.#listing.signal.aborted) return;
      this.#app.warn(`could not list the files: ${errorMessage(error)}`);
    });
    return index;
  }
}

async function* flat(batches: AsyncIterable<readonly string[]>): AsyncIterable<string> {
  for await (const batch of batches) yield* batch;
}
