/**
 * The prompts of all sessions: `history.jsonl` in oagent's folder, one line of JSON per prompt.
 *
 * Readable only by the user. A prompt is appended in one write, so that parallel processes lose nothing; torn or
 * foreign lines are skipped; a file that has grown too large is cut to its newest part, and what other processes
 * append meanwhile is kept.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from '../../config/make-folder.ts';

/** Bytes at the end that are read. */
const READ_LIMIT = 1024 * 1024;
const SIZE_LIMIT = 4 * 1024 * 1024;
/** Of a file that has grown too large: not cut again for each prompt. */
const KEPT_SHARE = 0.8;
/** Larger prompts are not remembered: a few of them would push out all others. */
const PROMPT_LIMIT = 128 * 1024;
/** An older lock was left by a process that died. */
const STALE_LOCK_MS = 10_000;

const NEWLINE = 10;

/** The newest prompts, oldest first, repeated ones once. None if the file is missing or unreadable. */
export async function readPrompts(home: string, limit: number): Promise<string[]> {
  const file = await open(fileIn(home), constants.O_RDONLY).catch(() => undefined);
  if (file === undefined) return [];
  try {
    const lines = new Set((await tail(file, READ_LIMIT)).toString('utf8').split('\n'));
    const prompts = [...lines].flatMap((line) => promptOf(line) ?? []);
    const distinct = prompts.filter((text, index) => text !== prompts[index - 1]);
    return limit > 0 ? distinct.slice(-limit) : [];
  } catch {
    return [];
  } finally {
    await file.close();
  }
}

/**
 * Remembers a prompt, unless it is blank or very large.
 *
 * @param sizeLimit bytes of the file beyond which the oldest prompts are forgotten.
 * @throws a system error if the file cannot be written.
 */
export async function appendPrompt(
  home: string,
  text: string,
  {
    now = new Date(),
    sizeLimit = SIZE_LIMIT,
  }: { readonly now?: Date; readonly sizeLimit?: number | undefined } = {},
): Promise<void> {
  const line = Buffer.from(`${JSON.stringify({ ts: now.toISOString(), text })}\n`);
  if (text.trim() === '' || line.length > PROMPT_LIMIT) return;
  makeFolder(home);
  const target = fileIn(home);
  // Written again if another process replaced the file: our line may be lost with the old one. If it is not, it is there
  // twice, and read once.
  for (let isWritten = false; !isWritten; ) {
    const file = await open(target, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
    try {
      const { size, ino } = await file.stat();
      await file.write((await endsTorn(file, size)) ? Buffer.concat([Buffer.from('\n'), line]) : line);
      isWritten = (await stat(target).catch(() => undefined))?.ino === ino;
    } finally {
      await file.close();
    }
  }
  if (((await stat(target)).size ?? 0) > sizeLimit) await cutFile(target, sizeLimit);
}

const fileIn = (home: string): string => path.join(home, 'history.jsonl');

async function endsTorn(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer[0] !== NEWLINE;
}

/** Whole lines from the end, at most this many bytes. */
async function tail(file: FileHandle, bytes: number): Promise<Buffer> {
  const { size } = await file.stat();
  const start = Math.max(0, size - bytes);
  const buffer = await readFrom(file, start, size);
  return start === 0 ? buffer : buffer.subarray(buffer.indexOf(NEWLINE) + 1);
}

async function readFrom(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.alloc(Math.max(0, end - start));
  const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
  return buffer.subarray(0, bytesRead);
}

/** One process at a time: a second one leaves it to the first. */
async function cutFile(target: string, sizeLimit: number): Promise<void> {
  const lock = `${target}.lock`;
  const age = await stat(lock).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  if (age > STALE_LOCK_MS) await unlink(lock).catch(() => {});
  const held = await open(lock, 'wx', 0o600).catch(() => undefined);
  if (held === undefined) return;
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    const old = await open(target, 'r');
    try {
      const { size } = await old.stat();
      if (size <= sizeLimit) return;
      const fresh = await open(temporary, 'wx', 0o600);
      try {
        await fresh.writeFile(await tail(old, Math.min(READ_LIMIT, Math.floor(sizeLimit * KEPT_SHARE))));
        await rename(temporary, target);
        // Appended to the old file while we copied it. Anything later is written again by its writer.
        const late = await readFrom(old, size, (await old.stat()).size);
        if (late.length > 0) await appendTo(target, late);
      } finally {
        await fresh.close();
      }
    } finally {
      await old.close();
    }
  } finally {
    await held.close();
    await unlink(temporary).catch(() => {});
    await unlink(lock).catch(() => {});
  }
}

async function appendTo(target: string, bytes: Buffer): Promise<void> {
  const file = await open(target, 'a', 0o600);
  try {
    await file.write(bytes);
  } finally {
    await file.close();
  }
}

function promptOf(line: string): string | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null || !('text' in value)) return undefined;
    return typeof value.text === 'string' ? value.text : undefined;
  } catch {
    return undefined;
  }
}
