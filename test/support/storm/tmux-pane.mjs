/**
 * Runs in a pane of tmux and brings a recording to it, each event after tmux has taken the one before.
 *
 * node tmux-pane.mjs RECORDING RESULT SOCKET SESSION
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, writeFileSync, writeSync } from 'node:fs';

const [recording, result, socket, session] = process.argv.slice(2);
const { seen } = JSON.parse(readFileSync(recording, 'utf8'));
const histories = [];
let answered = () => undefined;

process.stdin.setRawMode(true);
process.stdin.on('data', (bytes) => {
  if (String(bytes).includes('\x1b[0n')) answered();
});

function tmux(...args) {
  return execFileSync('tmux', ['-L', socket, ...args], { encoding: 'utf8' });
}

/** tmux answers in its turn: what was written before has been taken. */
function taken() {
  return new Promise((resolve) => {
    answered = resolve;
    writeSync(1, '\x1b[5n');
  });
}

function look() {
  histories.push(tmux('capture-pane', '-p', '-J', '-S', '-', '-t', session).split('\n'));
}

function copy() {
  const keys = (...names) => tmux('send-keys', '-t', session, '-X', ...names);
  tmux('copy-mode', '-t', session);
  for (const name of ['history-top', 'start-of-line', 'begin-selection', 'history-bottom', 'end-of-line'])
    keys(name);
  keys('copy-selection-and-cancel');
  histories.push(tmux('show-buffer').split('\n'));
}

/** The start of an escape sequence, which does nothing until it is whole: a question in between would break it. */
const UNFINISHED = /\x1b(?:\[[^@-~]*|\][^\x07\x1b]*)?$/;
let held = '';

for (const event of seen) {
  if (event.bytes !== undefined) {
    const bytes = held + event.bytes;
    held = UNFINISHED.exec(bytes)?.[0] ?? '';
    writeSync(1, bytes.slice(0, bytes.length - held.length));
    await taken();
  } else if (event.size !== undefined) {
    const { columns, rows } = event.size;
    tmux('resize-window', '-t', session, '-x', String(columns), '-y', String(rows));
  } else if (event.copy) copy();
  else look();
}
look();
writeFileSync(`${result}.part`, JSON.stringify(histories));
renameSync(`${result}.part`, result);
process.exit(0);
