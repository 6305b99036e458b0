/** What oagent itself says, and the session's header, at three widths and in colour. */
import { expect, test } from 'vitest';
import type { ApprovalAnswer, ApprovalRequest } from '../../../src/protocol.ts';
import { headerLines } from '../../../src/tui/lines/header.ts';
import {
  approvalLines,
  compactionLines,
  errorLines,
  infoLines,
  interruptedLines,
  recallLines,
  rejectedLines,
  repairedLines,
  retrievalLines,
  retryLines,
  turnEndLines,
  warningLines,
} from '../../../src/tui/lines/notice.ts';
import type { LineContext } from '../../../src/tui/lines/style.ts';
import { atWidths, context, inColor, named, problems } from './support.ts';

const places = Array.from({ length: 7 }, (_, index) => ({
  path: `/home/ada/work/src/${index}.ts`,
  start: 1,
  end: 20,
}));

const notices = (ctx: LineContext): string[] => [
  ...warningLines('The window of 4,096 tokens is small.\nSet num_ctx in config.toml.', ctx),
  ...errorLines('Ollama does not answer at http://127.0.0.1:11434.\nStart it with `ollama serve`.', ctx),
  ...infoLines('Model changed to qwen3:14b.', ctx),
  ...interruptedLines(ctx),
  ...retryLines({ attempt: 2, max: 5, reason: 'the connection was reset' }, ctx),
  ...repairedLines({ message: 'an unfinished tool call was closed' }, ctx),
  ...rejectedLines({ tool: 'shell', message: 'rm -f is not permitted' }, ctx),
  ...compactionLines({ before: 28_412, after: 4_012 }, ctx),
  ...retrievalLines({ places }, ctx),
  ...turnEndLines({ elapsedMs: 65_000, tokens: 12_345 }, ctx),
];

test('notices', () => {
  expect(atWidths(notices)).toMatchInlineSnapshot(`
    "── 20
    ⚠ The window of
      4,096 tokens is
      small.
      Set num_ctx in
      config.toml.
    ■ Ollama does not
      answer at
      http://127.0.0.1:11434.
      Start it with
      \`ollama serve\`.
    • Model changed to
      qwen3:14b.
    ■ Interrupted. Tell
      the model what to
      do instead.
    ↻ Retrying (2 of
      5): the
      connection was
      reset
    • Repaired: an
      unfinished tool
      call was closed
    ✗ The command was
      not run: rm -f is
      not permitted
    • Context
      compacted: 28.4k
      → 4k tokens (86%
      less)
    • Retrieved 7
      places
      └ src/0.ts:1-20,
        src/1.ts:1-20,
        src/2.ts:1-20,
        src/3.ts:1-20,
        src/4.ts:1-20,
        … +2 (ctrl+t)
    Worked for 1m 05s
    ── 60
    ⚠ The window of 4,096 tokens is small.
      Set num_ctx in config.toml.
    ■ Ollama does not answer at http://127.0.0.1:11434.
      Start it with \`ollama serve\`.
    • Model changed to qwen3:14b.
    ■ Interrupted. Tell the model what to do instead.
    ↻ Retrying (2 of 5): the connection was reset
    • Repaired: an unfinished tool call was closed
    ✗ The command was not run: rm -f is not permitted
    • Context compacted: 28.4k → 4k tokens (86% less)
    • Retrieved 7 places
      └ src/0.ts:1-20, src/1.ts:1-20, src/2.ts:1-20,
        src/3.ts:1-20, src/4.ts:1-20, … +2 (ctrl+t)
    Worked for 1m 05s · 12.3k tokens
    ── 100
    ⚠ The window of 4,096 tokens is small.
      Set num_ctx in config.toml.
    ■ Ollama does not answer at http://127.0.0.1:11434.
      Start it with \`ollama serve\`.
    • Model changed to qwen3:14b.
    ■ Interrupted. Tell the model what to do instead.
    ↻ Retrying (2 of 5): the connection was reset
    • Repaired: an unfinished tool call was closed
    ✗ The command was not run: rm -f is not permitted
    • Context compacted: 28.4k → 4k tokens (86% less)
    • Retrieved 7 places
      └ src/0.ts:1-20, src/1.ts:1-20, src/2.ts:1-20, src/3.ts:1-20, src/4.ts:1-20, … +2 (ctrl+t)
    Worked for 1m 05s · 12.3k tokens"
  `);
});

test('notices in colour', () => {
  expect(named(notices(inColor()))).toMatchInlineSnapshot(`
    [
      "<magenta>⚠</color> The window of 4,096 tokens is small.",
      "  Set num_ctx in config.toml.",
      "<red>■</color> <red>Ollama does not answer at http://127.0.0.1:11434.</color>",
      "  Start it with \`ollama serve\`.",
      "<dim>•</b> Model changed to qwen3:14b.",
      "<red>■</color> Interrupted. Tell the model what to do instead.",
      "<dim>↻ Retrying (2 of 5): the connection was reset</b>",
      "<dim>• Repaired: an unfinished tool call was closed</b>",
      "<dim>✗ The command was not run: rm -f is not permitted</b>",
      "<dim>•</b> Context compacted: 28.4k → 4k tokens (86% less)",
      "<dim>•</b> <b>Retrieved</b> 7 places",
      "<dim>  └ src/0.ts:1-20, src/1.ts:1-20, src/2.ts:1-20,</b>",
      "<dim>    src/3.ts:1-20, src/4.ts:1-20, … +2 (ctrl+t)</b>",
      "<dim>Worked for 1m 05s · 12.3k tokens</b>",
    ]
  `);
});

test('decisions of the user', () => {
  const request: ApprovalRequest = {
    id: 'a',
    kind: 'command',
    command: 'npm publish',
    cwd: '/home/ada/work',
    reason: '',
    prefix: ['npm', 'publish'],
  };
  const answers: ApprovalAnswer[] = [
    { type: 'once' },
    { type: 'session' },
    { type: 'prefix' },
    { type: 'no' },
    { type: 'no', instead: 'run npm pack' },
    { type: 'stop' },
  ];
  const all = (ctx: LineContext): string[] =>
    answers.flatMap((answer) => approvalLines(request, answer, ctx));
  expect(atWidths(all)).toMatchInlineSnapshot(`
    "── 20
    ✔ You approved npm
      publish
    ✔ You approved for
      this session: npm
      publish
    ✔ You approved all
      commands that
      begin with npm
      publish
    ✗ You declined npm
      publish
    ✗ You declined npm
      publish
      Instead: run npm
      pack
    ✗ You declined and
      stopped the turn:
      npm publish
    ── 60
    ✔ You approved npm publish
    ✔ You approved for this session: npm publish
    ✔ You approved all commands that begin with npm publish
    ✗ You declined npm publish
    ✗ You declined npm publish
      Instead: run npm pack
    ✗ You declined and stopped the turn: npm publish
    ── 100
    ✔ You approved npm publish
    ✔ You approved for this session: npm publish
    ✔ You approved all commands that begin with npm publish
    ✗ You declined npm publish
    ✗ You declined npm publish
      Instead: run npm pack
    ✗ You declined and stopped the turn: npm publish"
  `);
  expect(named(approvalLines(request, { type: 'once' }, inColor()))).toEqual([
    '<green>✔</color> You approved npm publish',
  ]);
  const change = { path: '/home/ada/work/a.ts', kind: 'add', diff: '' } as const;
  const patches = [[change], [change, change]].map((changes) =>
    approvalLines({ id: 'p', kind: 'patch', cwd: '/', reason: '', changes }, { type: 'once' }, context()),
  );
  expect(patches).toEqual([['✔ You approved the edit to a.ts'], ['✔ You approved the edit to 2 files']]);
});

test('nothing is said of no places, no tokens, no saving', () => {
  expect([
    retrievalLines({ places: [] }, context()),
    turnEndLines({ elapsedMs: 900 }, context()),
    compactionLines({ before: 0, after: 10 }, context()),
  ]).toEqual([[], ['Worked for 0s'], ['• Context compacted: 0 → 10 tokens']]);
});

const facts = {
  version: '0.1.0',
  model: 'qwen3:8b',
  isLed: false,
  window: 32_768,
  sandbox: 'workspace-write',
  approval: 'on-request',
};

test('the header', () => {
  expect(atWidths((ctx) => headerLines(facts, ctx))).toMatchInlineSnapshot(`
    "── 20
    ∴ oagent 0.1.0
      qwen3:8b · 32,76…
      ~/work
      workspace-write …
    ── 60
    ∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/work
      sandbox    workspace-write · on-request
    ── 100
    ∴ oagent 0.1.0
      model      qwen3:8b · 32,768 tokens
      directory  ~/work
      sandbox    workspace-write · on-request"
  `);
  expect(named(headerLines({ ...facts, model: undefined }, inColor()))).toMatchInlineSnapshot(`
    [
      "<cyan>∴</color> <b>oagent</b> <dim>0.1.0</b>",
      "  <dim>model      </b>none yet<dim> · 32,768 tokens</b>",
      "  <dim>directory  </b>~/work",
      "  <dim>sandbox    </b>workspace-write<dim> · on-request</b>",
    ]
  `);
});

test('the header and the notices fit every width', () => {
  for (let width = 8; width < 120; width += 1) {
    const ctx = { ...inColor(width), cwd: '/home/ada/a/very/long/path/漢字漢字/to/the/project' };
    expect(problems(headerLines(facts, ctx), width - 1)).toEqual([]);
    const prose = notices(ctx).filter((line) => !line.includes('http'));
    expect(problems(prose, width - 1)).toEqual([]);
  }
});

test('what the model got wrong is not reported as a connection problem', () => {
  const retry = { attempt: 1, max: 2, reason: 'the model gave an empty answer' };
  const lines = atWidths((ctx) => [
    ...retryLines(retry, ctx),
    ...retryLines({ ...retry, isModelFault: true }, ctx),
  ]);
  expect(lines).toContain('↻ Retrying (1 of 2): the model gave an empty answer');
  expect(lines).toContain('↻ Asking again (1 of 2): the model gave an empty answer');
});

test('what the model was given is never cut, and looks the same for code and memories', () => {
  const lines = (width: number): string[] => [
    ...recallLines({ memories: [1, 2] }, inColor(width)),
    ...retrievalLines({ places: places.slice(0, 1), isByWords: true }, inColor(width)),
  ];
  expect(named(lines(40))).toEqual([
    '<dim>•</b> <b>From memory</b>: 2 notes<dim> (ctrl+t)</b>',
    '<dim>•</b> <b>Retrieved</b> 1 place<dim> by words alone: the</b>',
    '  <dim>embedding model did not answer in</b>',
    '  <dim>time</b>',
    '<dim>  └ src/0.ts:1-20</b>',
  ]);
});
