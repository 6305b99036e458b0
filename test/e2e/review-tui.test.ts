/** `/review` in a real terminal: the choice, what is found, what the model then knows of it, and Esc. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { ChatRequest } from '../../src/demo/chat-request.ts';
import type { Turn } from '../../src/demo/script.ts';
import { bench, chatBodies } from '../support/exec.ts';
import { KEYS, readyTui, send } from '../support/tui-program.ts';

const FINDING = {
  ...{ line: '2 return items[items.length];', problem: 'It is always undefined.' },
  ...{ remedy: 'Take one off.', severity: 'P1', title: 'One too far' },
};

async function reviewing(answer: (asked: string, request: ChatRequest) => Turn) {
  const made = await bench((request) => answer(request.messages.at(-1)?.content ?? '', request));
  const { cwd } = made;
  rmSync(path.join(cwd, '.git'), { recursive: true });
  execFileSync('git', ['init', '-q', '-b', 'main'], { cwd });
  writeFileSync(
    path.join(cwd, 'a.ts'),
    'export function last(items: string[]) {\n  return items[items.length];\n}\n',
  );
  return made;
}

const json = (value: object): Turn => ({ content: JSON.stringify(value) });

test('what is chosen is reviewed; the findings are in the conversation and in the rollout', async () => {
  const made = await reviewing((asked, { format }) => {
    if (format === undefined) return { content: 'I fix 1.' };
    if (asked.includes('happens: yes or no')) return json({ evidence: '', happens: 'yes' });
    return json({ analysis: '', findings: [FINDING] });
  });
  const tui = await readyTui(made);
  const { screen, type } = tui;
  await send(tui, '/review');
  await screen.until(/Review which changes\?[\s\S]*1\. Uncommitted changes/);
  type('1');
  await screen.until(/1 finding \(1 P1\) in the uncommitted changes: 1 piece\.[\s\S]*\? help/);
  await send(tui, 'fix 1');
  await screen.until(/I fix 1\.[\s\S]*\? help/);
  type(KEYS.ctrlD);
  expect((await tui.ended).code).toBe(0);
  expect(screen.history()).toContain('› /review --uncommitted');
  expect(screen.history()).toContain('1. [P1] One too far a.ts:2');
  const text = `**1. [P1] One too far** \`a.ts:2\`

\`\`\`
  return items[items.length];
\`\`\`

It is always undefined.

Fix: Take one off.

1 finding (1 P1) in the uncommitted changes: 1 piece.`;
  const last = chatBodies(made.server.log).at(-1);
  expect(last?.messages.slice(-3)).toEqual([
    { role: 'user', content: 'Review the uncommitted changes.' },
    { role: 'assistant', content: text },
    { role: 'user', content: 'fix 1' },
  ]);
  const rollouts = readdirSync(path.join(made.home, 'sessions'), { recursive: true, encoding: 'utf8' });
  const file = rollouts.find((name) => name.endsWith('.jsonl')) ?? '';
  expect(readFileSync(path.join(made.home, 'sessions', file), 'utf8')).toContain(
    JSON.stringify(text).slice(1, -1),
  );
});

test('Esc stops it; what was found until then stays', async () => {
  const made = await reviewing((asked) => {
    if (asked.includes('stalls')) return { fault: { kind: 'stall' } };
    if (asked.includes('happens: yes or no')) return json({ evidence: '', happens: 'yes' });
    return json({ analysis: '', findings: [FINDING] });
  });
  writeFileSync(path.join(made.cwd, 'z.ts'), 'stalls\n');
  const tui = await readyTui(made);
  const { screen, type } = tui;
  await send(tui, '/review uncommitted');
  await screen.until(/Reviewing 2\/2 z\.ts:1/);
  type(KEYS.escape);
  await screen.until(/The review was stopped: this is what was found until then\.[\s\S]*\? help/);
  type(KEYS.ctrlD);
  expect((await tui.ended).code).toBe(0);
  expect(screen.history()).toContain('One too far');
});
