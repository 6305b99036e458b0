/** What the view costs the terminal: bytes, writes and frames, and nothing at all while nothing moves. */
import { expect, test } from 'vitest';
import { KEYS, startInScreen } from '../../support/tui.ts';
import {
  answer,
  asks,
  begins,
  command,
  delta,
  done,
  ends,
  phase,
  TURN,
  TURN_DONE,
  user,
} from '../../support/tui-events.ts';

/** About 5,000 tokens of Markdown: prose, lists, tables and code. */
function longAnswer(): string {
  const section = (n: number): string =>
    [
      `## Part ${n}`,
      `The **total** of part ${n} is wrong because \`total()\` counts the items of the cart and does not add what they cost, which is what the test in \`cart.test.ts\` asks for.`,
      `- the first item of part ${n}\n- the second one, which is longer than the first\n- the third`,
      `\`\`\`ts\n${Array.from({ length: 8 }, (_, i) => `export const value${n}_${i} = compute(${i}, 'cart');`).join('\n')}\n\`\`\``,
      `| file | lines |\n| --- | --- |\n| cart.ts | ${n} |\n| app.ts | ${n * 2} |`,
    ].join('\n\n');
  return `${Array.from({ length: 29 }, (_, n) => section(n)).join('\n\n')}\n`;
}

test('an answer of 5,000 tokens, 500 a second, stays within its budget', async () => {
  const view = await startInScreen({ columns: 100, rows: 40 });
  const said = answer(longAnswer());
  const deltas = said.text.match(/[\s\S]{1,4}/g) ?? [];
  expect(deltas.length).toBeGreaterThan(4_500);
  let frames = 0;
  view.tui.app.subscribe(() => {
    frames += 1;
  });
  await view.tell(TURN, ...done(user('why?')), phase('writing'), begins({ ...said, text: '' }));
  const { writes, raw } = view.screen;
  let due = 0;
  for (const text of deltas) {
    view.say(delta(said, text));
    due += 2;
    if (due < 35) continue;
    view.clock.pass(due);
    due = 0;
    await view.tui.painted();
  }
  await view.tell(ends(said), TURN_DONE);
  const seconds = (deltas.length * 2) / 1_000;
  const cost = {
    bytesPerByte: (view.screen.raw.length - raw.length) / said.text.length,
    framesPerSecond: frames / seconds,
    writesPerFrame: (view.screen.writes - writes) / frames,
  };
  // Measured: 4.6, 12.6 and 1.
  expect(cost.bytesPerByte).toBeLessThan(5);
  expect(cost.framesPerSecond).toBeLessThan(14);
  expect(cost.writesPerFrame).toBeLessThan(1.05);
  expect(view.screen.raw).not.toMatch(/\x1b\[[23]J/);
});

test('a key is one write of a few bytes, also while text streams', async () => {
  const view = await startInScreen();
  const said = answer('The **total** is wrong, see `cart.ts`.');
  await view.tell(TURN, ...done(user('why?')), begins({ ...said, text: '' }), delta(said, said.text));
  await view.type('a draft ');
  const keys: { writes: number; bytes: number }[] = [];
  for (const key of 'that is typed') {
    const { writes, raw } = view.screen;
    view.screen.type(key);
    await view.tui.painted();
    keys.push({ writes: view.screen.writes - writes, bytes: view.screen.raw.length - raw.length });
  }
  expect(keys.map(({ writes }) => writes)).toEqual(keys.map(() => 1));
  expect(Math.max(...keys.map(({ bytes }) => bytes))).toBeLessThan(96);
});

test('when nothing moves nothing is written and no timer runs', async () => {
  const view = await startInScreen();
  const quiet = async (what: string): Promise<{ what: string; bytes: number; timers: number }> => {
    await view.pass(2_000);
    const before = view.screen.raw.length;
    await view.pass(60_000);
    return { what, bytes: view.screen.raw.length - before, timers: view.clock.pending };
  };
  const seen = [await quiet('start')];
  await view.type('a draft');
  seen.push(await quiet('a draft'));
  await view.type(KEYS.ctrlC);
  await view.tell(TURN, asks());
  seen.push(await quiet('a question'));
  await view.type(KEYS.ctrlT);
  seen.push(await quiet('a page over it'));
  await view.type('q');
  await view.tell({ type: 'approval_resolved', id: 'approval_1', answer: { type: 'once' } }, TURN_DONE);
  await view.tell({
    type: 'background_changed',
    running: [{ sessionId: 1, command: 'npm start', startedAt: 0 }],
  });
  seen.push(await quiet('a command in the background'));
  await view.type('?');
  seen.push(await quiet('help'));
  expect(seen).toEqual(seen.map(({ what }) => ({ what, bytes: 0, timers: 0 })));
});

test('what moves by itself is one line: a turn writes little, without the focus less', async () => {
  const bytesOf = async (focus = ''): Promise<number> => {
    const view = await startInScreen();
    if (focus !== '') await view.type(focus);
    await view.tell(TURN, begins(command('npm test', { status: 'in_progress' })));
    await view.pass(2_000);
    const before = view.screen.raw.length;
    for (let ms = 0; ms < 10_000; ms += 250) await view.pass(250);
    return view.screen.raw.length - before;
  };
  const [focused, elsewhere] = [await bytesOf(), await bytesOf('\x1b[O')];
  expect(focused).toBeLessThan(8_000);
  expect(elsewhere).toBeLessThan(focused / 2);
});
