/** An image file as the result of a call: the image itself, or what another model says of it. Loaded when one is looked at. */
import { closeSync, readSync } from 'node:fs';
import type { JsonObject } from '../protocol.ts';
import { formatBytes } from '../text/digits.ts';
import { lookAtImage } from '../text/image-problem.ts';
import { openGiven } from './given-file.ts';
import type { ToolContext, ToolResult } from './tool.ts';
import { failure } from './tool-call-item.ts';

/** It is part of every request from then on. */
const MOST_BYTES = 8 * 2 ** 20;

export async function viewImage(args: JsonObject, ctx: ToolContext): Promise<ToolResult> {
  const opened = await openGiven(args, ctx);
  if ('ok' in opened) return opened;
  const { file, found, shown, note } = opened;
  const size = formatBytes(found.size);
  try {
    if (found.size > MOST_BYTES)
      return failure(
        `${shown} has ${size}, more than ${formatBytes(MOST_BYTES)}: make a smaller copy in the shell and view that`,
      );
    const bytes = readAll(file, found.size);
    const looked = lookAtImage(bytes);
    if ('problem' in looked) return failure(`${shown} ${looked.problem}`);
    const data = bytes.toString('base64');
    const notes = note === undefined ? [] : [`[${note}]`];
    if (ctx.describe !== undefined) {
      const texts = await ctx.describe([{ name: shown, data }]);
      return { ok: true, text: [...notes, ...texts].join('\n') };
    }
    return {
      ok: true,
      text: [...notes, `[${shown}: ${looked.kind}, ${size}]`].join('\n'),
      images: [data],
    };
  } finally {
    closeSync(file);
  }
}

/** At most `size` bytes, even if the file has grown. */
function readAll(file: number, size: number): Buffer {
  const buffer = Buffer.alloc(size);
  let length = 0;
  for (let read = -1; read !== 0 && length < size; length += read) {
    read = readSync(file, buffer, length, size - length, length);
  }
  return buffer.subarray(0, length);
}
