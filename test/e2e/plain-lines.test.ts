/** The session in plain lines, in a real terminal that does the editing and the echo: every byte of it. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Script } from '../../src/demo/script.ts';
import { type Bench, bench, inTerminal, VERSION } from '../support/exec.ts';
import type { PtyProgram } from '../support/pty.ts';
import {
  COOKED,
  KEYS,
  readText,
  startShell,
  startTui,
  sttyOf,
  type TuiOptions,
  WRITING,
} from '../support/tui-program.ts';

const escalated = { sandbox_permissions: 'require_escalated', justification: 'May I touch it?' };
const shell = (command: string, more: object = {}) => ({ name: 'shell', arguments: { command, ...more } });
const never = new Promise<never>(() => undefined);

const PROMPT = /^You: $/m;
const NUMBER = /^Number, 1 to \d+: $/m;

interface Plain extends PtyProgram {
  readonly made: Bench;
  /** What was written since the last call, once it ends with this prompt or text. */
  readonly upTo: (end: string | RegExp) => Promise<string>;
}

async function plain(script: Script, options: TuiOptions = {}): Promise<Plain> {
  const made = await bench(script);
  return plainIn(made, options);
}

function plainIn(made: Bench, options: TuiOptions = {}): Plain {
  const tui = startTui(made, { rows: 200, args: [...WRITING, '--screen-reader'], ...options });
  let from = 0;
  const upTo = async (end: string | RegExp): Promise<string> => {
    const fits = (text: string): boolean =>
      typeof end === 'string' ? text.includes(end) : end.test(text.slice(text.lastIndexOf('\n') + 1));
    await tui.screen.until(() => fits(tui.screen.raw.slice(from)));
    const text = tui.screen.raw.slice(from).replaceAll('\r\n', '\n');
    from = tui.screen.raw.length;
    return text;
  };
  return { ...tui, made, upTo };
}

/** Quits, and compares all that came after the header, without what names this session. */
async function transcript({ type, ended, screen }: Plain): Promise<string> {
  type(KEYS.ctrlD);
  expect((await ended).code).toBe(0);
  const text = screen.raw.replaceAll('\r\n', '\n');
  expect(text).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID')
    .replaceAll(VERSION, 'VERSION')
    .replace(/^(Server: .*:)\d+/m, '$1PORT')
    .replace(/^Speed: .*/m, 'Speed: …')
    .replace(/^Index: .*\n.*/m, 'Index: …')
    .replace(/Tokens used: .*/, 'Tokens used: …');
}

test('a task: a command that is approved, an edit, an answer', async () => {
  const patch = '*** Begin Patch\n*** Update File: a.ts\n@@\n-const a = 1;\n+const a = 2;\n*** End Patch';
  const it = await plain([
    { content: 'I need a file.', toolCalls: [shell('touch canary', escalated)] },
    { toolCalls: [{ name: 'apply_patch', arguments: { input: patch } }] },
    { toolCalls: [shell('seq 20; exit 3')] },
    { content: '# Result\n\nAll **done** in `a.ts`:\n\n- one\n- two\n\n```ts\nconst a = 2;\n```\n' },
  ]);
  writeFileSync(path.join(it.made.cwd, 'a.ts'), 'const a = 1;\nconst b = 1;\n');
  await it.upTo(PROMPT);
  it.type('do it\r');
  await it.upTo(NUMBER);
  expect(existsSync(path.join(it.made.cwd, 'canary'))).toBe(false);
  it.type('1\r');
  await it.upTo(PROMPT);
  it.type('/last\r');
  await it.upTo(PROMPT);
  expect(await transcript(it)).toMatchInlineSnapshot(`
    "oagent VERSION
    model: base, 32,768 tokens
    directory: ~/repo
    sandbox: workspace-write, on-request
    Type a message. /help lists the commands.
    You: do it
    oagent: I need a file.
    Would you like to run the following command?
      $ touch canary

      Folder: ~/repo
      The model says: “May I touch it?”
    1. Yes, this time
    2. Yes, and allow this exact command for this session
    3. No, and tell the model what to do instead
    4. No, and stop the turn
    Number, 1 to 4: 1
    You approved touch canary
    Running: touch canary
    Exit 0, no output.
    Edited a.ts: 1 line added, 1 removed:
      1 -const a = 1;
      1 +const a = 2;
      2  const b = 1;
    Running: seq 20; exit 3
    Exit 3, 20 lines; /last shows all. The end:
      18
      19
      20
    oagent: Result

      All done in a.ts:

      - one
      - two

        const a = 2;
    1 file changed (+1 -1); 2 commands run
    You: /last
    $ seq 20; exit 3
      1
      2
      3
      4
      5
      6
      7
      8
      9
      10
      11
      12
      13
      14
      15
      16
      17
      18
      19
      20
      exit code 3, 0s, in ~/repo
    You: 
    Tokens used: …
    To continue this session, run oagent resume ID
    "
  `);
  expect(existsSync(path.join(it.made.cwd, 'canary'))).toBe(true);
  expect(readText(it.made.cwd, 'a.ts')).toBe('const a = 2;\nconst b = 1;\n');
});

test('TERM=dumb is such a terminal; without one there is only exec', async () => {
  const it = await plain([{ content: 'Hello.' }], { term: 'dumb', args: [...WRITING, 'hi'] });
  await it.upTo('Hello.');
  await it.upTo(PROMPT);
  expect(await transcript(it)).toMatchInlineSnapshot(`
    "oagent VERSION
    model: base, 32,768 tokens
    directory: ~/repo
    sandbox: workspace-write, on-request
    Type a message. /help lists the commands.
    You: hi
    oagent: Hello.
    You: 
    Tokens used: …
    To continue this session, run oagent resume ID
    "
  `);
  const piped = await inTerminal(it.made, ['--screen-reader'], '</dev/null');
  expect(piped).toMatchObject({
    code: 2,
    stdout: 'Error: the interactive session needs a terminal. Without one: oagent exec "what to do"\r\n',
  });
});

test('the model asks: a number, or words of your own', async () => {
  const questions = [
    { question: 'Which colour?', options: ['red', 'blue'] },
    { question: 'Which size?', options: ['small', 'large'] },
  ];
  const it = await plain([
    { toolCalls: [{ name: 'ask_user', arguments: { questions } }] },
    { content: 'Good.' },
  ]);
  await it.upTo(PROMPT);
  it.type('Paint it\r');
  await it.upTo(NUMBER);
  it.type('yes\r');
  await it.upTo(NUMBER);
  it.type('2\r');
  await it.upTo(NUMBER);
  it.type('3\r');
  await it.upTo(/^Your answer: $/m);
  it.type('1\r');
  await it.upTo(PROMPT);
  expect(await transcript(it)).toMatchInlineSnapshot(`
    "oagent VERSION
    model: base, 32,768 tokens
    directory: ~/repo
    sandbox: workspace-write, on-request
    Type a message. /help lists the commands.
    You: Paint it
    The model asks
      Which colour?
    1. red
    2. blue
    3. Another answer: write it
    4. Stop the turn
    Number, 1 to 4: yes
    Type a number from 1 to 4.
    Number, 1 to 4: 2
    The model asks
      Which size?
    1. small
    2. large
    3. Another answer: write it
    4. Stop the turn
    Number, 1 to 4: 3
    Your answer: 1
    oagent: Good.
    nothing changed; no test was run
    You: 
    Tokens used: …
    To continue this session, run oagent resume ID
    "
  `);
  expect(it.made.chats()[1]?.messages.at(-1)?.content).toBe('Which colour?\n→ blue\nWhich size?\n→ 1');
});

test('what was typed before a question answers nothing: whole lines, and half a line that is ended later', async () => {
  const released = Promise.withResolvers<void>();
  const it = await plain((_, index) =>
    index === 0
      ? { toolCalls: [shell('touch canary', escalated)], waitFor: released.promise }
      : { content: `Answer ${index}.` },
  );
  await it.upTo(PROMPT);
  it.type('begin\r');
  await it.made.server.waitForRequest(1);
  it.type('look first\r');
  await it.upTo('with its next request.');
  // The digit stands in the terminal's line, and Enter comes when the question is there.
  it.type('1');
  await it.upTo('1');
  released.resolve();
  await it.upTo('3. No');
  it.type('\r');
  await it.upTo('came before the question');
  await it.upTo(NUMBER);
  expect(existsSync(path.join(it.made.cwd, 'canary'))).toBe(false);
  it.type('9\r');
  await it.upTo(NUMBER);
  it.type('/status\r');
  await it.upTo(NUMBER);
  it.type('3\r');
  await it.upTo(/^What to do instead: $/m);
  it.type('nothing at all\r');
  await it.upTo(PROMPT);
  expect(await transcript(it)).toMatchInlineSnapshot(`
    "oagent VERSION
    model: base, 32,768 tokens
    directory: ~/repo
    sandbox: workspace-write, on-request
    Type a message. /help lists the commands.
    You: begin
    look first
    The model gets this with its next request.
    1
    Would you like to run the following command?
      $ touch canary

      Folder: ~/repo
      The model says: “May I touch it?”
    1. Yes, this time
    2. Yes, and allow this exact command for this session
    3. No, and tell the model what to do instead
    4. No, and stop the turn

    Not taken as an answer, since it came before the question: 1
    Number, 1 to 4: 9
    Type a number from 1 to 4.
    Number, 1 to 4: /status
    oagent VERSION
    Model: base
    Thinking: on, stopped after 4,096 tokens
    Server: http://127.0.0.1:PORT (ready)
    Directory: ~/repo
    Permissions: workspace-write, approval on-request
    Context: 1.8k of 32.8k tokens used, 94% left (counted by the server)
    Tokens: 1.8k read, 48 written
    Speed: …
    Background: no commands running
    Index: …
    Session: ID
    Doing: Waiting for your answer (0s)
    1 message waiting:
    With the next request: look first
    Number, 1 to 4: 3
    What to do instead: nothing at all
    You declined touch canary
    Instead: nothing at all
    You: look first
    oagent: Answer 1.
    nothing changed; no test was run
    You: 
    Tokens used: …
    To continue this session, run oagent resume ID
    "
  `);
  expect(existsSync(path.join(it.made.cwd, 'canary'))).toBe(false);
});

test('steering, the queue, commands of your own, Ctrl+C', async () => {
  const first = Promise.withResolvers<void>();
  const it = await plain((_, index) => {
    if (index === 0) return { toolCalls: [shell('true')], waitFor: first.promise };
    if (index === 3)
      return { chunks: ['Half an answer.\n\nMore of it.\n', 'End.'], waitFor: never, waitAfter: 1 };
    return { content: `Answer ${index}.` };
  });
  await it.upTo(PROMPT);
  it.type('begin\r');
  await it.made.server.waitForRequest(1);
  it.type('steered\r');
  await it.upTo('next request.');
  it.type('/queue queued one\r');
  await it.upTo('takes it back.');
  it.type('/queue queued two\r');
  await it.upTo('takes it back.');
  it.type('/unqueue\r');
  await it.upTo('Not sent: queued two');
  it.type('/queue\r');
  await it.upTo('After the turn: queued one');
  first.resolve();
  await it.upTo('Answer 2.');
  await it.upTo(PROMPT);
  it.type('!seq 2\r');
  await it.upTo(PROMPT);
  it.type('a long \\\r');
  await it.upTo(PROMPT);
  it.type('message\r');
  await it.upTo('Half an answer.');
  it.type(KEYS.ctrlC);
  await it.upTo(PROMPT);
  it.type(KEYS.ctrlC);
  await it.upTo(PROMPT);
  expect(await transcript(it)).toMatchInlineSnapshot(`
    "oagent VERSION
    model: base, 32,768 tokens
    directory: ~/repo
    sandbox: workspace-write, on-request
    Type a message. /help lists the commands.
    You: begin
    steered
    The model gets this with its next request.
    /queue queued one
    This is sent when the turn has ended. /unqueue takes it back.
    /queue queued two
    This is sent when the turn has ended. /unqueue takes it back.
    /unqueue
    Not sent: queued two
    /queue
    2 messages waiting:
    With the next request: steered
    After the turn: queued one
    Running: true
    Exit 0, no output.
    You: steered
    oagent: Answer 1.
    no edit outside of commands; 1 command run
    You: queued one
    oagent: Answer 2.
    You: !seq 2
    Exit 0:
      1
      2
    You: a long \\
    You: message
    oagent: Half an answer.
    ^C

      More of it.
    This answer broke off and does not count.
    Interrupted. Tell the model what to do instead.
    You: ^C
    Ctrl+C again quits; so does Ctrl+D.
    You: 
    Tokens used: …
    To continue this session, run oagent resume ID
    "
  `);
  expect(it.made.chats().at(-1)?.messages.at(-1)?.content).toContain('a long \nmessage');
});

test('Ctrl+C twice quits; lines that are pasted together are one message', async () => {
  const it = await plain([{ content: 'Three lines.' }]);
  await it.upTo(PROMPT);
  it.type('one\rtwo\r\rthree\r');
  await it.upTo('Three lines.');
  await it.upTo(PROMPT);
  expect(it.made.chats().at(-1)?.messages.at(-1)?.content).toContain('one\ntwo\n\nthree');
  it.type(KEYS.ctrlC);
  await it.upTo('again quits');
  it.type(KEYS.ctrlC);
  expect((await it.ended).code).toBe(0);
});

test('in a shell: Ctrl+Z stops it, fg continues it at its prompt, and the terminal keeps its modes', async () => {
  const made = await bench([{ content: 'Hello.' }]);
  const sh = await startShell(made, { rows: 200 });
  sh.type(`oagent ${WRITING.join(' ')} --screen-reader\r`);
  await sh.screen.until(/^You:$/m);
  sh.type(KEYS.ctrlZ);
  await sh.screen.until(/Stopped[\s\S]*shell\$$/);
  expect(await sttyOf(sh)).toEqual(COOKED);
  sh.type('fg\r');
  await sh.screen.until(/fg\n.*\nYou:$/);
  sh.type('hi\r');
  await sh.screen.until(/oagent: Hello\.\nYou:$/);
  sh.type(KEYS.ctrlD);
  await sh.screen.until(/To continue this session[\s\S]*shell\$$/);
  expect(await sttyOf(sh)).toEqual(COOKED);
});

test('trust, a plan, permissions and an earlier session are lists with numbers', async () => {
  const made = await bench([
    { content: '1. Add a.txt.' },
    { content: 'I would rather not.' },
    { content: 'Hi.' },
  ]);
  const it = plainIn(made, { args: ['--screen-reader'] });
  await it.upTo(NUMBER);
  it.type('soon\r');
  await it.upTo(NUMBER);
  it.type('1\r');
  await it.upTo(PROMPT);
  it.type('/plan Add a.txt\r');
  await it.upTo(NUMBER);
  it.type('1\r');
  await it.upTo('rather not.');
  await it.upTo(PROMPT);
  it.type('/permissions\r');
  await it.upTo(NUMBER);
  it.type('5\r');
  await it.upTo(NUMBER);
  it.type('\r');
  await it.upTo(PROMPT);
  it.type('/theme\r');
  await it.upTo(PROMPT);
  it.type('/nonsense\r');
  await it.upTo(PROMPT);
  expect((await transcript(it)).replace(/plans\/\S+/, 'plans/PLAN')).toMatchInlineSnapshot(`
    "Do you trust this folder?
    ~/repo
    If you do, its configuration (.oagent, AGENTS.md) applies, and the model may change files in it and run commands in a sandbox without asking. Trust it only if you know where it comes from.
    1. Yes, trust this folder
    2. Not now: read only for this session
    3. Quit
    Number, 1 to 3: soon
    Type a number from 1 to 3.
    Number, 1 to 3: 1
    oagent VERSION
    model: base, 32,768 tokens
    directory: ~/repo
    sandbox: workspace-write, on-request
    Type a message. /help lists the commands.
    You: /plan Add a.txt
    Plan mode: nothing is changed, and the answer is a plan.
    You: Add a.txt
    oagent: 1. Add a.txt.
    The plan is in ~/home/plans/PLAN
    What becomes of the plan?
    1. Carry it out here
    2. Carry it out in a fresh window that holds only the plan
    3. Revise it: write what should be different
    4. Leave plan mode
    Number, 1 to 4: 1
    Permissions: write (workspace-write [workdir, /tmp, $TMPDIR], approval on-request)
    You: Carry out the plan.
    oagent: I would rather not.
    You: /permissions
    What may oagent do without asking?
    An empty line leaves things as they are.
    1. Read only: reads files; changes nothing and does not ask
    2. Ask: reads files; asks before it changes anything
    3. Write: works in this folder; asks before leaving the sandbox (current)
    4. Plan: changes nothing; the answer is a plan that you can edit
    5. Full access: no sandbox, network access, never asks
    Number, 1 to 5: 5
    Turn the sandbox off?
    The model can then change any of your files and use the network without asking.
    An empty line leaves things as they are.
    1. No, go back
    2. Yes, full access
    Number, 1 to 2: 
    Nothing was changed.
    You: /theme
    There are no colours here.
    You: /nonsense
    Warning: unknown command /nonsense; /help lists them
    You: 
    Tokens used: …
    To continue this session, run oagent resume ID
    "
  `);
  const again = plainIn(made, { args: ['--screen-reader', 'resume'] });
  await again.upTo(NUMBER);
  again.type('1\r');
  await again.upTo('Resumed');
  await again.upTo(PROMPT);
  expect((await transcript(again)).replace(/plans\/\S+/, 'plans/PLAN')).toMatchInlineSnapshot(`
    "Resume a session
    An empty line leaves things as they are.
    1. Add a.txt: just now, ~/repo
    oagent VERSION
    model: base, 32,768 tokens
    directory: ~/repo
    sandbox: workspace-write, on-request
    Type a message. /help lists the commands.
    Number, 1 to 1: 1
    oagent VERSION
    model: base, 32,768 tokens
    directory: ~/repo
    sandbox: workspace-write, on-request
    Type a message. /help lists the commands.
    You: Add a.txt
    oagent: 1. Add a.txt.
    You: Carry out the plan.
    oagent: I would rather not.
    Resumed ID
    You: 
    Tokens used: …
    To continue this session, run oagent resume ID
    "
  `);
});

test('without a server it says what to do, once', async () => {
  const it = await plain([{ content: 'Hi.' }], { env: { OLLAMA_HOST: 'http://127.0.0.1:9' } });
  await it.upTo(PROMPT);
  it.type('hi\r');
  await it.upTo('when there is a model');
  it.type('/quit\r');
  expect((await it.ended).code).toBe(0);
  expect(it.screen.raw.replaceAll('\r\n', '\n').replace(VERSION, 'VERSION')).toMatchInlineSnapshot(`
    "oagent VERSION
    model: none yet
    directory: ~/repo
    sandbox: workspace-write, on-request
    Type a message. /help lists the commands.
    Warning: no Ollama server at http://127.0.0.1:9 (ECONNREFUSED): start it with \`ollama serve\`, or set OLLAMA_HOST
    Change the address: it comes from OLLAMA_HOST; correct or unset it, then restart oagent
    Start it: run \`ollama serve\` in another terminal, or \`systemctl start ollama\`
    oagent keeps trying, and says when there is a model.
    You: hi
    This is sent when there is a model.
    /quit
    "
  `);
});

test('where to continue is asked in plain lines too', async () => {
  const made = await bench([{ content: 'Hello.' }, { content: 'Again.' }]);
  await made.run(['exec', 'hi']);
  const elsewhere = path.join(path.dirname(made.cwd), 'elsewhere');
  mkdirSync(elsewhere);
  const args = [...WRITING, '--screen-reader', 'resume', '--last', '--all', '--include-non-interactive'];
  const it = plainIn({ ...made, cwd: elsewhere }, { args });
  await it.upTo('1 or 2 [1]: ');
  it.type('1\r');
  await it.upTo('Resumed');
  await it.upTo(PROMPT);
  expect((await transcript(it)).replaceAll(path.dirname(made.cwd), '…')).toMatchInlineSnapshot(`
    "This session ran in another folder. Where should it continue?
      1  there: …/repo
      2  here:  …/elsewhere
    1 or 2 [1]: 1
    oagent VERSION
    model: base, 32,768 tokens
    directory: ~/repo
    sandbox: workspace-write, on-request
    Type a message. /help lists the commands.
    You: hi
    oagent: Hello.
    Resumed ID
    You: 
    Tokens used: …
    To continue this session, run oagent resume ID
    "
  `);
});
