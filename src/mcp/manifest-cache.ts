/**
 * What servers had when they ran last: one file for each in `$OAGENT_HOME/mcp`, named by a hash over what starts it, so
 * that nothing secret is in the name.
 *
 * It is only a cache: what is missing, damaged or of another kind is not known; if it cannot be written, the next session
 * knows less. A file is replaced as a whole.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../config/make-folder.ts';
import { isObject, parseJson } from '../model/json-object.ts';
import type { JsonObject } from '../protocol.ts';
import { smallText } from '../text/regular-file.ts';
import type { McpManifest, McpPromptInfo, McpResource, McpTool } from './connection.ts';

const LIMIT = 64 * 2 ** 20;

export class ManifestCache {
  readonly #folder: string;

  /** @param home oagent's own folder. */
  constructor(home: string) {
    this.#folder = path.join(home, 'mcp');
  }

  /** @param identity the hash over what starts the server. */
  read(identity: string): McpManifest | undefined {
    return manifestOf(parseJson(smallText(this.#fileOf(identity), LIMIT) ?? ''));
  }

  write(identity: string, manifest: McpManifest): void {
    const file = this.#fileOf(identity);
    const temporary = `${file}.${process.pid}.tmp`;
    try {
      makeFolder(this.#folder);
      writeFileSync(temporary, JSON.stringify(manifest), { mode: 0o600 });
      renameSync(temporary, file);
    } catch {
      rmSync(temporary, { force: true });
    }
  }

  remove(identity: string): void {
    rmSync(this.#fileOf(identity), { force: true });
  }

  #fileOf(identity: string): string {
    return path.join(this.#folder, `${identity}.json`);
  }
}

function manifestOf(value: unknown): McpManifest | undefined {
  if (!isObject(value)) return undefined;
  const { server, protocolVersion, instructions, notes } = value;
  if (!isObject(server) || !areTexts(server.name, server.version, protocolVersion, instructions))
    return undefined;
  const [tools, prompts, resources] = [value.tools, value.prompts, value.resources];
  if (!isListOf<McpTool>(tools, isTool) || !isListOf<McpPromptInfo>(prompts, isPrompt)) return undefined;
  if (!isListOf<McpResource>(resources, isResource) || !isTexts(notes)) return undefined;
  return {
    server: { name: String(server.name), version: String(server.version) },
    protocolVersion: String(protocolVersion),
    instructions: String(instructions),
    tools,
    prompts,
    resources,
    notes,
  };
}

const areTexts = (...values: unknown[]): boolean => values.every((value) => typeof value === 'string');

const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && areTexts(...value);

function isListOf<T>(value: unknown, is: (one: JsonObject) => boolean): value is readonly T[] {
  return Array.isArray(value) && value.every((one) => isObject(one) && is(one));
}

type Unchecked<T> = { readonly [K in keyof T]?: unknown };

function isTool({ name, description, inputSchema, isReadOnly }: Unchecked<McpTool>): boolean {
  return areTexts(name, description) && isObject(inputSchema) && typeof isReadOnly === 'boolean';
}

function isPrompt({ name, description, arguments: args }: Unchecked<McpPromptInfo>): boolean {
  const isArgument = (one: JsonObject): boolean =>
    typeof one.name === 'string' && typeof one.isRequired === 'boolean';
  return areTexts(name, description) && isListOf(args, isArgument);
}

function isResource({ uri, name, description }: Unchecked<McpResource>): boolean {
  return areTexts(uri, name, description);
}
