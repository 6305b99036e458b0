/** What a server says that it has, as far as it can be used: whatever is not in form is left out. */
import { isObject } from '../../model/json-object.ts';
import type { JsonObject } from '../../protocol.ts';
import { showInvisible } from '../../text/sanitize.ts';
import type { McpPromptInfo, McpResource, McpTool } from '../connection.ts';

/** Undefined without a name that can be shown. */
export function readTool({
  name,
  title,
  description,
  inputSchema,
  annotations,
}: JsonObject): McpTool | undefined {
  if (!isShowable(name)) return undefined;
  const hints = isObject(annotations) ? annotations : {};
  return {
    name,
    description: textOf(description) || textOf(title) || textOf(hints.title),
    inputSchema: isObject(inputSchema) ? inputSchema : { type: 'object' },
    isReadOnly: hints.readOnlyHint === true,
  };
}

export function readPrompt({
  name,
  title,
  description,
  arguments: args,
}: JsonObject): McpPromptInfo | undefined {
  if (!isShowable(name)) return undefined;
  const known = Array.isArray(args) ? args.filter(isObject) : [];
  return {
    name,
    description: textOf(description) || textOf(title),
    arguments: known.flatMap((one) =>
      isShowable(one.name) ? [{ name: one.name, isRequired: one.required === true }] : [],
    ),
  };
}

export function readResource({ uri, name, title, description }: JsonObject): McpResource | undefined {
  if (!isShowable(uri)) return undefined;
  return { uri, name: textOf(title) || textOf(name), description: textOf(description) };
}

/** In a list or a question, one with a line break or a turn of the writing direction would look like something else. */
function isShowable(name: unknown): name is string {
  return typeof name === 'string' && name !== '' && !name.includes('\n') && showInvisible(name) === name;
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
