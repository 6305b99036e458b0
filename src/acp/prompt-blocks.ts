/**
 * A prompt as a client sends it, as a message: its text, files and images.
 *
 * A link names its file in the text. What an editor embeds, perhaps not saved yet, follows the text; a long file keeps
 * head and tail, and says where the rest is.
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ContentBlock, EmbeddedResource } from '@agentclientprotocol/sdk';
import fileText from '../../prompts/acp/file.md?raw';
import { truncateText } from '../context/truncate.ts';
import { fill } from '../text/fill.ts';
import { isImage } from '../text/image-kind.ts';
import { imageProblem } from '../text/image-problem.ts';
import { relativePath } from '../text/relative-path.ts';
import { refused } from './errors.ts';

export interface PromptMessage {
  readonly text: string;
  /** base64 */
  readonly images?: readonly string[];
  readonly imageNames?: readonly string[];
}

/** Bytes of one embedded file. */
const FILE_LIMIT = 20_000;

interface Parts {
  text: string;
  readonly files: string[];
  readonly images: string[];
  readonly names: string[];
}

/**
 * @param cwd the session's folder, absolute: files in it are named relative to it.
 * @throws RequestError for a block that cannot be read.
 */
export function readPrompt(blocks: readonly ContentBlock[], cwd: string): PromptMessage {
  const parts: Parts = { text: '', files: [], images: [], names: [] };
  for (const block of blocks) add(parts, block, cwd);
  const { files, images, names } = parts;
  const text = [parts.text.trim(), ...files].filter((part) => part !== '').join('\n\n');
  if (text === '' && images.length === 0)
    throw refused('params', 'the prompt is empty. Write what is to be done');
  return images.length === 0 ? { text } : { text, images, imageNames: names };
}

function add(parts: Parts, block: ContentBlock, cwd: string): void {
  switch (block.type) {
    case 'text':
      parts.text += block.text;
      return;
    case 'image':
      return addImage(parts, block.data, Buffer.from(block.data, 'base64'), nameOf(block.uri ?? '', cwd));
    case 'resource_link':
      parts.text += nameOf(block.uri, cwd);
      return;
    case 'resource':
      return addResource(parts, block.resource, cwd);
    case 'audio':
      throw refused('params', 'the model hears nothing, so audio cannot be sent. Send it as text');
    default:
      throw refused('params', 'a part of the prompt has a type that oagent does not know. Send it as text');
  }
}

function addResource(parts: Parts, resource: EmbeddedResource['resource'], cwd: string): void {
  const name = nameOf(resource.uri, cwd);
  parts.text += name;
  if ('text' in resource) {
    const file = filePath(resource.uri);
    const { text } = truncateText(resource.text, { limitBytes: FILE_LIMIT, fullOutputPath: file });
    parts.files.push(fill(fileText, { path: name, text: text.replace(/\n$/, '') }));
    return;
  }
  // Of a file in another form the model has the name.
  const bytes = Buffer.from(resource.blob, 'base64');
  if (isImage(bytes)) addImage(parts, resource.blob, bytes, name);
}

/** @param bytes what `data` is in base64 */
function addImage(parts: Parts, data: string, bytes: Buffer, name: string): void {
  const number = parts.images.length + 1;
  const problem = imageProblem(bytes);
  if (problem !== undefined) throw refused('params', `image ${number} of the prompt ${problem}`);
  parts.images.push(data);
  parts.names.push(name === '' ? `image ${number}` : path.basename(name));
}

/** A file by its path, relative if it is in the folder; anything else by its address. */
function nameOf(uri: string, cwd: string): string {
  const file = filePath(uri);
  if (file === undefined) return uri;
  const name = relativePath(file, cwd, '.');
  const [, from, to] = /#L(\d+)(?:[:-]L?(\d+))?$/.exec(uri) ?? [];
  return from === undefined ? name : `${name}:${from}${to === undefined ? '' : `-${to}`}`;
}

function filePath(uri: string): string | undefined {
  if (path.isAbsolute(uri)) return uri;
  if (!uri.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(uri.replace(/[#?].*$/, ''));
  } catch {
    return undefined;
  }
}
