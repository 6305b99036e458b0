/**
 * What the model may do next, as a grammar: only files that exist, nothing already in view is read, nothing already
 * right is changed again, no answer while the task's check fails, nothing but the answer once it passes.
 *
 * At least one act is always possible. Property names sort in the order in which they should be decided (act, file,
 * text), because a server may pass the schema on with its keys sorted.
 */
import { closedObject } from '../../model/constrained.ts';
import { isObject } from '../../model/json-object.ts';
import { Scanner } from '../../model/repair/scanner.ts';
import { readJson } from '../../model/repair/tolerant-json.ts';
import type { JsonObject } from '../../protocol.ts';
import type { Order } from './orders.ts';
import type { Progress } from './progress.ts';
import type { Task } from './task.ts';

export type Act =
  | { readonly act: 'answer' }
  | { readonly act: 'change'; readonly file: string }
  | { readonly act: 'create'; readonly file: string }
  /** The harness replaces one name by another, everywhere in the file. */
  | { readonly act: 'replace'; readonly file: string }
  | { readonly act: 'delete'; readonly file: string }
  | { readonly act: 'read'; readonly file: string }
  | { readonly act: 'move'; readonly file: string; readonly to: string }
  | { readonly act: 'run'; readonly command: string }
  | { readonly act: 'search'; readonly text: string };

export interface Situation {
  readonly task: Task;
  /** Files that contain the name to be replaced. */
  readonly withOldName?: readonly string[];
  readonly files: readonly string[];
  readonly progress: Progress;
}

const COMMAND_LENGTH = 300;
const PATH_LENGTH = 100;
/** A model that has not found it by then only rephrases the same search. */
const MOST_SEARCHES = 4;
const SEARCH_LENGTH = 80;
/** After this many texts that changed nothing, the model may say that there is nothing to change. */
export const MOST_VAIN = 4;
/** A grammar with more names costs the server time; the rest can be found by a search. */
const MOST_NAMES = 300;

/** The schemas of one act's properties. */
export type Variant = { readonly [name: string]: JsonObject };

/** The acts that make sense now, each with the schemas of its properties. */
export function possibleActs(situation: Situation): Variant[] {
  const { task, files, progress } = situation;
  const order = task.orders.find(({ file }) => files.includes(file) && !progress.ordered.has(file));
  if (order !== undefined) return [onlyThis(order)];
  const renames = replacements(situation);
  if (renames.length > 0) return renames;
  const isIncomplete = task.mustChange.some((file) => files.includes(file) && isOpen(file, progress));
  if (progress.check === 'passed' && progress.hasChanged && !isIncomplete) return [answer()];
  const open = changes(situation);
  // Everything that could be changed has been: there is nothing left to look for.
  if (progress.hasChanged && open.length === 0 && mayAnswer(task, progress)) return [answer()];
  const acts = [...open, ...lookups(situation), ...runs(situation)];
  return mayAnswer(task, progress) || acts.length === 0 ? [answer(), ...acts] : acts;
}

/** The schema of the next step. */
export function actSchema(acts: readonly Variant[]): JsonObject {
  return { anyOf: acts.map((properties) => closedObject(properties)) };
}

function onlyThis(order: Order): Variant {
  return Object.fromEntries(Object.entries(order).map(([name, value]) => [name, { const: value }]));
}

/** One file at a time, without asking: there is nothing to decide. */
function replacements({ task, withOldName = [], progress }: Situation): Variant[] {
  if (task.rename === undefined || task.kind !== 'change') return [];
  const named = withOldName.filter((file) => task.named.includes(file));
  const isEverywhere =
    task.named.length === 0 || /\beverywhere\b|\ball (?:files|uses|callers)\b/i.test(task.text);
  const next = (isEverywhere ? withOldName : named).find((file) => isOpen(file, progress));
  return next === undefined ? [] : [{ act: { const: 'replace' }, file: { enum: [next] } }];
}

function mayAnswer({ check, mustRun, kind, mustChange, isFix }: Task, progress: Progress): boolean {
  if (progress.refused.size > 0) return true;
  if (progress.hasChanged && mustChange.some((file) => isOpen(file, progress))) return false;
  if (progress.check === 'failed' && progress.hasChanged) return false;
  if (mustRun !== undefined && !progress.ran.has(mustRun) && !progress.hasChanged) return false;
  if (kind !== 'change' || progress.hasChanged || progress.vain >= MOST_VAIN) return true;
  if (check !== undefined) return progress.ran.get(check) === true;
  // A command may have been the change; one that failed was not what mends a fault.
  return isFix ? [...progress.ran.values()].includes(true) : progress.ran.size > 0;
}

function answer(): Variant {
  return { act: { const: 'answer' } };
}

function changes(situation: Situation): Variant[] {
  const { task, files, progress } = situation;
  if (task.kind === 'question') return [];
  const open = changeable({ task, files, progress }).slice(0, MOST_NAMES);
  const acts: Variant[] = [];
  if (open.length > 0) acts.push({ act: { const: 'change' }, file: { enum: open } });
  if (task.mustChange.every((file) => !isOpen(file, progress))) {
    const left = task.missing.filter((file) => !files.includes(file) && !progress.refused.has(file));
    if (left.length > 0) acts.push({ act: { const: 'create' }, file: { enum: left } });
    else if (!task.isFix && task.missing.length === 0 && !progress.hasChanged && !isSettled(situation))
      acts.push({ act: { const: 'create' }, file: { type: 'string', maxLength: PATH_LENGTH } });
  }
  return [...acts, ...removals(situation)];
}

/** If the task names files, only those may be deleted or moved; none once something has changed. */
function removals({ task, files, progress }: Situation): Variant[] {
  if (task.orders.length > 0 || progress.hasChanged) return [];
  const named = task.named.filter((file) => files.includes(file));
  const from = (named.length > 0 ? named : files)
    .filter((file) => !progress.refused.has(file))
    .slice(0, MOST_NAMES);
  if (from.length === 0) return [];
  const left = task.missing.filter((file) => !files.includes(file));
  const to = left.length > 0 ? { enum: left } : { type: 'string', maxLength: PATH_LENGTH };
  return [
    ...(task.deletes ? [{ act: { const: 'delete' }, file: { enum: from } }] : []),
    ...(task.moves ? [{ act: { const: 'move' }, file: { enum: from }, to }] : []),
  ];
}

/**
 * While the check fails, every file that can matter; before the first change the targets of the task, even again if a
 * text changed nothing; after it the other files that the task names.
 */
function changeable(situation: Situation): readonly string[] {
  const { task, files, progress } = situation;
  const next = task.mustChange.find((file) => files.includes(file) && isOpen(file, progress));
  if (next !== undefined) return [next];
  const isAllowed = (file: string): boolean => !progress.refused.has(file);
  const isLeft = (file: string): boolean => !progress.same.has(file) && isAllowed(file);
  const targets = targetsOf(situation);
  const fresh = targets.filter((file) => isLeft(file) && !progress.changed.has(file));
  if (progress.check === 'failed' && progress.hasChanged) {
    if (fresh.length > 0) return fresh;
    const sources = targets.length > 0 ? targets : files.filter((file) => !isTest(file) && !isProse(file));
    const rest = sources.filter(isLeft);
    return rest.length > 0 ? rest : sources.filter(isAllowed);
  }
  if (progress.hasChanged) return fresh;
  const wanted = targets.length > 0 ? targets : likely(files, task);
  const rest = wanted.filter(isLeft);
  return rest.length > 0 || progress.vain >= MOST_VAIN ? rest : wanted.filter(isAllowed);
}

/** Not changed yet, not given back unchanged more than once, and not refused. */
function isOpen(file: string, { changed, same, refused }: Progress): boolean {
  return !changed.has(file) && !same.has(file) && !refused.has(file);
}

/** The files to change, as far as the task says: those that it names, but not the test that is to pass. */
function targetsOf({ task, files }: Situation): readonly string[] {
  const named = task.named.filter((file) => files.includes(file));
  const sources = named.filter((file) => !isTest(file));
  const wanted = task.check === undefined || sources.length > 0 ? named : sources;
  const code = wanted.filter((file) => !isProse(file));
  return task.isFix && code.length > 0 ? code : wanted;
}

/** If nobody says which file it is: for a bug, neither tests nor prose. */
function likely(files: readonly string[], task: Task): readonly string[] {
  const code = files.filter((file) => !isTest(file) && !isProse(file));
  return task.isFix && code.length > 0 ? code : files;
}

/** Written for people, not run. */
export function isProse(file: string): boolean {
  return /\.(?:md|txt|rst|adoc)$/i.test(file);
}

/** By its name or its folder. */
export function isTest(file: string): boolean {
  return /(?:^|\/)tests?\/|(?:^|[/_.-])(?:test|spec)s?(?:[_.-]|$)/.test(file);
}

/** The task says which files to change, and they are in view: there is nothing to look for. */
function isSettled(situation: Situation): boolean {
  const { task, progress } = situation;
  if (task.kind !== 'change' || progress.hasChanged) return false;
  const targets = targetsOf(situation);
  const isComplete = targets.length > 0 || (task.named.length === 0 && task.missing.length > 0);
  return isComplete && targets.every((file) => progress.inView.has(file));
}

/** The files that a question names are in view, or all files are. */
function isAllInView({ task, files, progress }: Situation): boolean {
  const isSeen = (file: string): boolean => progress.inView.has(file);
  if (task.kind !== 'question') return false;
  return files.every(isSeen) || (task.named.length > 0 && task.named.every(isSeen));
}

function lookups(situation: Situation): Variant[] {
  const { files, progress } = situation;
  if (isSettled(situation) || isAllInView(situation)) return [];
  const unseen = files.filter((file) => !progress.inView.has(file)).slice(0, MOST_NAMES);
  if (unseen.length === 0) return [];
  const search = { act: { const: 'search' }, text: { type: 'string', maxLength: SEARCH_LENGTH } };
  const maySearch = progress.searches < MOST_SEARCHES;
  return [{ act: { const: 'read' }, file: { enum: unseen } }, ...(maySearch ? [search] : [])];
}

/** The commands that the task names; others only if it names none. */
function runs(situation: Situation): Variant[] {
  const { task, progress } = situation;
  if (progress.hasChanged) return [];
  const isOrdered = task.asksToRun && progress.ran.size === 0;
  if (!isOrdered && isSettled(situation) && task.mustRun === undefined) return [];
  if (!isOrdered && isAllInView(situation) && task.commands.length === 0) return [];
  const left = task.commands.filter((command) => !progress.ran.has(command));
  if (left.length > 0) return [{ act: { const: 'run' }, command: { enum: left } }];
  if (task.commands.length > 0 || progress.ran.size > 3 || progress.vain > 0) return [];
  return [{ act: { const: 'run' }, command: { type: 'string', maxLength: COMMAND_LENGTH } }];
}

/** The act, if there is no choice. */
export function onlyAct(acts: readonly Variant[]): Act | undefined {
  const [only, ...others] = acts;
  if (only === undefined || others.length > 0) return undefined;
  const values = Object.entries(only).map(([name, schema]) => [name, onlyValue(schema)] as const);
  return values.some(([, value]) => value === undefined) ? undefined : (Object.fromEntries(values) as Act);
}

function onlyValue(schema: JsonObject): unknown {
  if ('const' in schema) return schema.const;
  return Array.isArray(schema.enum) && schema.enum.length === 1 ? schema.enum[0] : undefined;
}

/** The first of the acts in a constrained answer, even with words around it; undefined if there is none. */
export function readAct(text: string, acts: readonly Variant[]): Act | undefined {
  const scanner = new Scanner(text);
  for (let at = scanner.find('{', 0); at >= 0 && !scanner.atLimit; ) {
    const read = readJson(scanner, at);
    const value = read?.value;
    const fits = isObject(value) ? acts.find((variant) => fitsVariant(value, variant)) : undefined;
    if (isObject(value) && fits !== undefined)
      return Object.fromEntries(Object.keys(fits).map((name) => [name, value[name]])) as Act;
    at = scanner.find('{', read?.end ?? at + 1);
  }
  return undefined;
}

function fitsVariant(value: JsonObject, variant: Variant): boolean {
  const names = Object.keys(variant);
  return (
    Object.keys(value).length === names.length &&
    names.every((name) => fitsSchema(value[name], variant[name] ?? {}))
  );
}

function fitsSchema(value: unknown, schema: JsonObject): boolean {
  if ('const' in schema) return value === schema.const;
  if (Array.isArray(schema.enum)) return schema.enum.includes(value);
  return typeof value === 'string' && value.trim() !== '' && [...value].length <= Number(schema.maxLength);
}
