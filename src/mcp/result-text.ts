/** What a server answered, as the model gets it: text, and images where they can be shown. */
import { imageProblem } from '../text/image-problem.ts';
import type { McpContent, McpResult } from './connection.ts';

const MOST_IMAGES = 4;
const MOST_IMAGE_BYTES = 10 * 2 ** 20;

export interface ResultForModel {
  readonly text: string;
  /** Base64. */
  readonly images: readonly string[];
}

export function resultForModel({ content, structured }: McpResult): ResultForModel {
  const images: string[] = [];
  const lines = content.map((part) => lineOf(part, images));
  const hasText = content.some((part) => part.type === 'text' && part.text !== '');
  // Servers send both, of which the text is what they meant for a model.
  if (!hasText && structured !== undefined) lines.push(JSON.stringify(structured));
  const text = lines.filter((line) => line !== '').join('\n');
  return { text: text === '' && images.length === 0 ? '[no output]' : text, images };
}

/** @param images those that can be shown are added. */
function lineOf(part: McpContent, images: string[]): string {
  switch (part.type) {
    case 'text':
      return part.text;
    case 'link':
      return part.name === '' || part.name === part.uri ? `[${part.uri}]` : `[${part.name}: ${part.uri}]`;
    case 'audio':
      return `[audio left out: ${part.mimeType}]`;
    case 'image':
      return imageLine(part, images);
    default:
      return part satisfies never;
  }
}

function imageLine(
  { data, mimeType }: { readonly data: string; readonly mimeType: string },
  images: string[],
): string {
  if (images.length >= MOST_IMAGES) return `[image left out: there are ${MOST_IMAGES} before it]`;
  if (data.length > MOST_IMAGE_BYTES) return '[image left out: it is too large]';
  const bytes = Buffer.from(data, 'base64');
  const problem = imageProblem(bytes);
  if (problem !== undefined) return `[image left out: ${mimeType}, which ${problem}]`;
  // As it is read: a server may break lines in it.
  images.push(bytes.toString('base64'));
  return `[image: ${mimeType}]`;
}
