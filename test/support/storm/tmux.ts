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
  // In the foreground (-D) the server ends with its last session, and the pane tells when that is.
  const config = ['-L', socket, '-f', '/dev/null'];
  try {
    execFileSync(
      'tmux',
      [
        ...config,
        ...['set-option', '-g', 'history-limit', '100000', ';'],
        ...[
          'new-session',
          '-d',
          '-s',
          'storm',
          ...size,
          ...pane,
          ';',
          'set-option',
          '-g',
          'remain-on-exit',
          'off',
        ],
      ],
      { env: { ...process.env, TMUX: '' } },
    );
    const waiting = spawn('tmux', [...config, 'wait-for', 'never'], { stdio: 'ignore' });
    await once(waiting, 'exit');
    return JSON.parse(readFileSync(result, 'utf8')) as History[];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
