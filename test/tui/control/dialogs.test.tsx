/** Dialogs as Ink shows them and reads their keys, without the app around them. */
import { expect, test } from 'vitest';
import type { Op } from '../../../src/protocol.ts';
import { Keymap } from '../../../src/tui/composer/keymap.ts';
import { DialogOverlay, helpOverlay, pickerOverlay } from '../../../src/tui/control/dialog-overlay.ts';
import { ModelOverlay } from '../../../src/tui/control/model-overlay.ts';
import { noServerDialog, noServerTrying, openNoServer } from '../../../src/tui/overlay/no-server.ts';
import type { Overlay } from '../../../src/tui/overlay/overlay.ts';
import { openPermissions, permissionsDialog } from '../../../src/tui/overlay/permissions.ts';
import { openPicker } from '../../../src/tui/overlay/picker.ts';
import { openTrust, trustDialog } from '../../../src/tui/overlay/trust.ts';
import type { Regions } from '../../../src/tui/screen/frame.ts';
import { SessionState } from '../../../src/tui/screen/session-state.ts';
import type { Key } from '../../../src/tui/term/keys.ts';
import { KEYS } from '../../support/tui.ts';
import { TestModel, ViewHarness } from '../../support/tui-view.tsx';
import { context } from '../lines/support.ts';

const ignored = (): void => undefined;

/** Shows one overlay, and counts time by the keys: each comes a second after the one before. */
class DialogModel extends TestModel {
  readonly overlay: Overlay;
  now = 0;
  /** What the overlay said of the last key. */
  last = '';

  constructor(overlay: Overlay) {
    super();
    this.overlay = overlay;
    this.#paint();
  }

  override readonly onKey = (key: Key): void => {
    this.now += 1_000;
    this.last = this.overlay.onKey(key, this.now);
    this.#paint();
  };

  #paint(): void {
    this.show(this.#picture());
    this.overlay.onDrawn?.(this.now);
  }

  #picture(): Partial<Regions> {
    return { body: this.overlay.lines(context(100), 20, this.now).lines.join('\n') };
  }
}

function shown(overlay: Overlay): ViewHarness<DialogModel> {
  return new ViewHarness(new DialogModel(overlay));
}

test('permissions: full access is asked about once more', async () => {
  const chosen: unknown[] = [];
  const current = { mode: 'workspace-write', approval: 'on-request' } as const;
  const dialog = shown(
    new DialogOverlay(permissionsDialog, openPermissions(current), (result) => {
      if (result.type === 'chosen') chosen.push(result.permissions);
    }),
  );
  await dialog.type(KEYS.down, KEYS.down, KEYS.enter);
  expect(await dialog.painted()).toMatchInlineSnapshot(`
    "Turn the sandbox off?

      The model can then change any of your files and use the network without asking.

    › No, go back
      Yes, full access

      ↑↓ choose · enter select · esc back"
  `);
  expect(chosen).toEqual([]);
  await dialog.type(KEYS.down, KEYS.enter);
  expect({ chosen, last: dialog.model.last }).toEqual({
    chosen: [{ mode: 'danger-full-access', approval: 'never' }],
    last: 'done',
  });
});

test('a list: typed text filters, the arrows move, Enter chooses', async () => {
  const chosen: string[] = [];
  const items = ['apple', 'banana', 'cherry', 'date'].map((label) => ({ id: label, label, detail: 'fruit' }));
  const picker = openPicker({ title: 'Choose a fruit', items, filterHint: 'type to search' });
  const dialog = shown(pickerOverlay(picker, (id) => chosen.push(id)));
  await dialog.type('a', KEYS.down);
  expect(await dialog.painted()).toMatchInlineSnapshot(`
    "Choose a fruit

      a

      apple   fruit
    › banana  fruit
      date    fruit

      ↑↓ choose · enter select · esc cancel"
  `);
  await dialog.type('x');
  expect(await dialog.painted()).toMatchInlineSnapshot(`
    "Choose a fruit

      ax

      No match.

      ↑↓ choose · enter select · esc cancel"
  `);
  await dialog.type(KEYS.backspace, KEYS.down, KEYS.down, KEYS.enter);
  expect({ chosen, last: dialog.model.last }).toEqual({ chosen: ['date'], last: 'done' });
});

test('trust: read only is what Enter means, and typed text answers nothing', async () => {
  const answers: string[] = [];
  const dialog = shown(
    new DialogOverlay(trustDialog, openTrust('/home/ada/shop'), (answer) => {
      answers.push(answer);
    }),
  );
  expect(await dialog.painted()).toMatchInlineSnapshot(`
    "Do you trust this folder?

      ~/shop
      If you do, its configuration (.oagent, AGENTS.md) applies, and the model may change files in it
      and run commands in a sandbox without asking. Trust it only if you know where it comes from.

      Yes, trust this folder
    › Not now: read only for this session
      Quit

      ↑↓ choose · enter select · esc read only"
  `);
  await dialog.type('y', '1');
  expect(answers).toEqual([]);
  await dialog.type(KEYS.enter);
  expect(answers).toEqual(['read_only']);
});

test('no server: tried again, and what is typed is for the composer', async () => {
  const asked: string[] = [];
  const facts = { problem: 'connection refused', host: 'http://127.0.0.1:11434' };
  const opened = openNoServer({ ...facts, isFromEnv: false, platform: 'linux' });
  const dialog = shown(
    new DialogOverlay(noServerDialog, opened, (result, state) => {
      asked.push(result);
      return result === 'quit' ? undefined : noServerTrying(state);
    }),
  );
  await dialog.type(KEYS.enter);
  expect(await dialog.painted()).toMatchInlineSnapshot(`
    "Ollama does not answer at http://127.0.0.1:11434; trying again

      Start it: run \`ollama serve\` in another terminal, or \`systemctl start ollama\`
      Install it: \`curl -fsSL https://ollama.com/install.sh | sh\`
      Use another address: set OLLAMA_HOST, then restart oagent
      Problem: connection refused
      Without a model: \`oagent demo\` shows how it works

    › Try again
      Quit

      ↑↓ choose · enter select · ctrl+c quit"
  `);
  await dialog.type('h');
  expect({ asked, last: dialog.model.last }).toEqual({ asked: ['retry'], last: 'passed' });
  await dialog.type(KEYS.ctrlC);
  expect({ asked, last: dialog.model.last }).toEqual({ asked: ['retry', 'quit'], last: 'done' });
});

test('models: listed, one without tools cannot be chosen, one that thinks is asked how much', async () => {
  const ops: Op[] = [];
  const state = new SessionState({ mode: 'read-only', approval: 'never' });
  state.model = 'qwen3:8b';
  const dialog = shown(
    new ModelOverlay({
      state,
      submit: (op) => ops.push(op),
      warn: () => undefined,
      composer: {
        draft: '',
        isEmpty: true,
        hasPopup: false,
        takesEscape: false,
        hasVi: false,
        setVi: ignored,
        paste: ignored,
        clear: ignored,
      },
    }),
  );
  const { overlay } = dialog.model;
  const model = (name: string, capabilities: readonly string[]) => ({
    ...{
      name,
      size: 5_200_000_000,
      parameterSize: '8B',
      contextLength: 40_960,
      capabilities,
      family: 'qwen3',
    },
    isRemote: false,
  });
  overlay.onEvent?.(
    {
      type: 'models',
      models: [model('qwen3:8b', ['tools', 'thinking']), model('gemma:2b', ['completion'])],
    },
    0,
  );
  await dialog.type(KEYS.down);
  expect(await dialog.painted()).toMatchInlineSnapshot(`
    "Choose a model

       search, or name a model to download

    › qwen3:8b (current)  8B · 5.2 GB · window 40k · thinking
      gemma:2b            8B · 5.2 GB · window 40k · no tools: cannot work as an agent

      ↑↓ choose · enter select · esc cancel"
  `);
  await dialog.type(KEYS.enter);
  expect(await dialog.painted()).toMatchInlineSnapshot(`
    "How much should qwen3:8b think?

    › 1. On   thinks before it answers
      2. Off  answers immediately

      ↑↓ or number · enter select · esc back"
  `);
  await dialog.type('2');
  expect({ ops, last: dialog.model.last }).toEqual({
    ops: [{ type: 'list_models' }, { type: 'set_model', model: 'qwen3:8b', effort: 'none' }],
    last: 'done',
  });
});

test('help scrolls to its last line and closes', async () => {
  const dialog = shown(helpOverlay(new Keymap()));
  const first = await dialog.painted();
  await dialog.type('\x1b[F');
  const end = await dialog.painted();
  expect({ top: first.split('\n')[0], last: end.split('\n').slice(-2) }).toMatchInlineSnapshot(`
    {
      "last": [
        "  /quit          quit oagent",
        "  ↑↓ scroll · esc close",
      ],
      "top": "Keys",
    }
  `);
  await dialog.type('q');
  expect(dialog.model.last).toBe('done');
});
