/** What a server says that it has, as far as it can be used: whatever is not in form is left out. */
import { isObject } from '../../model/json-object.ts';
import type { JsonObject } from '../../protocol.ts';
import type { McpPromptInfo, McpResource, McpTool } from '../connection.ts';

/** Undefined without a name. */
export function readTool({
  name,
  title,
  description,
  inputSchema,
  annotations,
}: JsonObject): McpTool | undefined {
  if (typeof name !== 'string' || name === '') return undefined;
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
  if (typeof name !== 'string' || name === '') return undefined;
  const known = Array.isArray(args) ? args.filter(isObject) : [];
  return {
    name,
    description: textOf(description) || textOf(title),
    arguments: known.flatMap((one) =>
      typeof one.name === 'string' ? [{ name: one.name, isRequired: one.required === true }] : [],
    ),
  };
}

export function readResource({ uri, name, title, description }: JsonObject): McpResource | undefined {
  if (typeof uri !== 'string' || uri === '') return undefined;
  return { uri, name: textOf(title) || textOf(name), description: textOf(description) };
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
