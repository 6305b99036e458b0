/**
 * Finds tools of servers by words: BM25 over their names, descriptions and the words of their schemas, in the words and
 * stems of the code index.
 */
import { isObject } from '../model/json-object.ts';
import type { JsonObject } from '../protocol.ts';
import { queryTokens, tokensOf, wordsIn } from '../repo-index/store/tokens.ts';
import type { McpTool } from './connection.ts';
import { propertiesOf, schemaOf } from './schema/json-schema.ts';

/** A tool that can be found. */
export interface FoundTool {
  readonly server: string;
  readonly tool: McpTool;
}

/** A word of the name says more than one of a long description. */
const NAME_WEIGHT = 4;
const DESCRIPTION_WEIGHT = 1;
const SCHEMA_WEIGHT = 0.5;
const K1 = 1.2;
const B = 0.6;
/** Of one tool: servers describe whole languages. */
const MOST_WORDS = 400;

interface Indexed {
  readonly found: FoundTool;
  readonly weights: ReadonlyMap<string, number>;
  readonly length: number;
}

/** Tools are indexed once: a manifest is not changed, but replaced. */
const indexed = new WeakMap<McpTool, Indexed>();

/** The tools that have a word of the query, best first; equal ones by name. */
export function findTools(query: string, tools: readonly FoundTool[]): readonly FoundTool[] {
  const tokens = queryTokens(query.slice(0, 2_000));
  if (tokens.length === 0 || tools.length === 0) return [];
  const all = tools.map(indexOf);
  const average = all.reduce((sum, { length }) => sum + length, 0) / all.length;
  const rarity = new Map(
    tokens.map((token) => {
      const having = all.filter(({ weights }) => weights.has(token)).length;
      return [token, Math.log(1 + (all.length - having + 0.5) / (having + 0.5))];
    }),
  );
  const scored = all.map(({ found, weights, length }) => {
    const parts = tokens.map((token) => {
      const weight = weights.get(token) ?? 0;
      const norm = weight + K1 * (1 - B + (B * length) / average);
      return (rarity.get(token) ?? 0) * ((weight * (K1 + 1)) / norm);
    });
    return { found, score: parts.reduce((sum, part) => sum + part, 0) };
  });
  return scored
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score || (fullName(a.found) < fullName(b.found) ? -1 : 1))
    .map(({ found }) => found);
}

const fullName = ({ server, tool }: FoundTool): string => `${server}.${tool.name}`;

function indexOf(found: FoundTool): Indexed {
  const before = indexed.get(found.tool);
  if (before?.found.server === found.server) return before;
  const { name, description, inputSchema } = found.tool;
  const weights = new Map<string, number>();
  const add = (text: string, weight: number): void => {
    for (const token of wordsIn(text).slice(0, MOST_WORDS).flatMap(tokensOf))
      weights.set(token, (weights.get(token) ?? 0) + weight);
  };
  add(`${found.server} ${name}`, NAME_WEIGHT);
  add(description, DESCRIPTION_WEIGHT);
  add(schemaWords(inputSchema), SCHEMA_WEIGHT);
  const length = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const made = { found, weights, length };
  indexed.set(found.tool, made);
  return made;
}

/** Names and descriptions of the parameters, and of their members. */
function schemaWords(schema: JsonObject): string {
  const words: string[] = [];
  const read = (value: unknown, level: number): void => {
    const inner = schemaOf(value, schema);
    if (inner === undefined || words.length >= MOST_WORDS) return;
    for (const [name, member] of Object.entries(propertiesOf(inner)).slice(0, MOST_WORDS)) {
      words.push(name);
      if (isObject(member) && typeof member.description === 'string') words.push(member.description);
      if (level < 2) read(member, level + 1);
    }
    if (level < 2 && inner.items !== undefined) read(inner.items, level + 1);
  };
  read(schema, 0);
  return words.join(' ');
}
