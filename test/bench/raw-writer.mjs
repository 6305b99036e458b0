/**
 * The least that a program in a terminal can do, to measure oagent against.
 *
 * `raw-writer.mjs text FILE RATE` writes the JSON array of strings in FILE, RATE of them a second (0: at once).
 * `raw-writer.mjs echo` writes back the last character of all that it reads at a time, until it is ended.
 */
import { readFileSync } from 'node:fs';

const [mode, file, rate] = process.argv.slice(2);
if (mode === 'echo') {
  process.stdin.setRawMode(true);
  process.stdin.on('data', (bytes) => process.stdout.write(bytes.subarray(-1)));
  process.stdout.write('READY');
} else {
  const pieces = JSON.parse(readFileSync(file, 'utf8'));
  if (Number(rate) === 0) for (const piece of pieces) process.stdout.write(piece);
  else {
    const startedAt = performance.now();
    for (const [index, piece] of pieces.entries()) {
      const wait = startedAt + (index * 1_000) / Number(rate) - performance.now();
      if (wait >= 1) await new Promise((resolve) => setTimeout(resolve, wait));
      process.stdout.write(piece);
    }
  }
}
