/** A recording as a real tmux shows it, with tmux's own defaults. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { History, Recording } from './recording.ts';

const PANE = path.join(import.meta.dirname, 'tmux-pane.mjs');

export function hasTmux(): boolean {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** @returns the history at each look, and at the end. */
export async function inTmux(recording: Recording): Promise<History[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'oagent-tmux-'));
  const file = path.join(folder, 'recording.json');
  const result = path.join(folder, 'result.json');
  const socket = path.basename(folder);
  writeFileSync(file, JSON.stringify(recording));
  const { columns, rows } = recording.start;
  const size = ['-x', String(columns), '-y', String(rows)];
  const pane = [process.execPath, PANE, file, result, socket, 'storm'];
  const config = ['-L', socket, '-f', '/dev/null'];
  const made = ['new-session', '-d', '-s', 'storm', ...size, ...pane];
  // The server ends with its last session, and with it what waits. One client does it all: one that begins to wait when the pane has
  // ended already would never be told.
  const steps = [
    ...['set-option', '-g', 'history-limit', '100000', ';', ...made, ';'],
    ...['set-option', '-g', 'remain-on-exit', 'off', ';', 'wait-for', 'never'],
  ];
  try {
    const tmux = spawn('tmux', [...config, ...steps], {
      stdio: 'ignore',
      env: { ...process.env, TMUX: '' },
    });
    await once(tmux, 'exit');
    return JSON.parse(readFileSync(result, 'utf8')) as History[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
