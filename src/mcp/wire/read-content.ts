/** The parts of results, resources and prompts. A part that is not known is shown as it came, so that nothing is lost. */
import { isObject, shownJson } from '../../model/json-object.ts';
import type { JsonObject } from '../../protocol.ts';
import type { McpContent, McpResult } from '../connection.ts';
import { textOf } from './read-lists.ts';

/** Of a part that is not known. */
const SHOWN_LENGTH = 2_000;

export function readResult({ content, structuredContent, isError, toolResult }: JsonObject): McpResult {
  return {
    // Servers of the first version have `toolResult`.
    content: partsOf(content ?? toolResult),
    structured: isObject(structuredContent) ? structuredContent : undefined,
    isError: isError === true,
  };
}

/** Of a resource: one part a file. */
export function readContents({ contents }: JsonObject): readonly McpContent[] {
  return partsOf(contents, readFile);
}

/** The messages of a prompt as one text. */
export function readPromptText({ messages }: JsonObject): string {
  const parts = partsOf(messages, (message) =>
    readPart(isObject(message.content) ? message.content : message),
  );
  return parts.map(shownPart).join('\n\n');
}

function partsOf(value: unknown, read: (part: JsonObject) => McpContent = readPart): readonly McpContent[] {
  if (value === undefined || value === null) return [];
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  return parts.map((part) => (isObject(part) ? read(part) : unknownPart(part)));
}

function readPart(part: JsonObject): McpContent {
  const { type, text, data, mimeType, uri, name, resource } = part;
  if (typeof text === 'string') return { type: 'text', text };
  if ((type === 'image' || type === 'audio') && typeof data === 'string') {
    return { type, data, mimeType: textOf(mimeType) };
  }
  if (type === 'resource' && isObject(resource)) return readFile(resource);
  if (typeof uri === 'string') return { type: 'link', uri, name: textOf(name) };
  return unknownPart(part);
}

function readFile(file: JsonObject): McpContent {
  const { uri, text, blob, mimeType } = file;
  if (typeof text === 'string') return { type: 'text', text };
  const kind = textOf(mimeType);
  const [type] = kind.split('/');
  if (typeof blob === 'string' && (type === 'image' || type === 'audio')) {
    return { type, data: blob, mimeType: kind };
  }
  if (typeof uri !== 'string') return unknownPart(file);
  const size = typeof blob === 'string' ? `, ${Math.floor((blob.length * 3) / 4)} bytes` : '';
  return { type: 'link', uri, name: `${kind || 'binary data'}${size}` };
}

function unknownPart(part: unknown): McpContent {
  return { type: 'text', text: typeof part === 'string' ? part : shownJson(part, SHOWN_LENGTH) };
}

function shownPart(part: McpContent): string {
  if (part.type === 'text') return part.text;
  return part.type === 'link' ? part.uri : `[${part.type} ${part.mimeType}]`;
}
