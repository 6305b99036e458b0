/**
 * A Jupyter notebook as text: its cells with their outputs, as `# %%` files show them, without the pictures.
 * @see https://nbformat.readthedocs.io/en/latest/format_description.html
 */
import { isObject, parseJson } from '../model/json-object.ts';
import type { JsonObject } from '../protocol.ts';

const MOST_OUTPUT_LINES = 20;

/** Undefined if it is not a notebook. */
export function notebookText(json: string): string | undefined {
  const notebook = parseJson(json);
  if (!isObject(notebook) || !Array.isArray(notebook.cells)) return undefined;
  return (notebook.cells as unknown[]).filter(isObject).map(cellText).join('\n\n');
}

function cellText(cell: JsonObject, index: number): string {
  const type = typeof cell.cell_type === 'string' ? cell.cell_type : 'cell';
  const outputs = Array.isArray(cell.outputs) ? (cell.outputs as unknown[]).filter(isObject) : [];
  return [`# %% [${index} ${type}]`, textOf(cell.source), ...outputs.map(outputText)].join('\n');
}

function outputText(output: JsonObject): string {
  const data = isObject(output.data) ? output.data : {};
  const traceback = Array.isArray(output.traceback)
    ? `${textOf(output.ename)}: ${textOf(output.evalue)}`
    : '';
  const text = textOf(output.text) || textOf(data['text/plain']) || traceback;
  const others = Object.keys(data).filter((kind) => kind !== 'text/plain');
  const lines = text.replace(/\n$/, '').split('\n');
  const more = lines.length - MOST_OUTPUT_LINES;
  return [
    '# output:',
    ...lines.slice(0, MOST_OUTPUT_LINES).filter((line) => line !== ''),
    ...(more > 0 ? [`[${more} more lines]`] : []),
    ...others.map((kind) => `[${kind}]`),
  ].join('\n');
}

/** A text, which may be stored as a list of its lines. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? value.filter((line) => typeof line === 'string').join('') : '';
}
