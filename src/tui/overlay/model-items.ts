/**
 * Models and thinking levels as list entries, and the models proposed to someone who has none.
 *
 * Invariants: a model that cannot call tools is shown but cannot be chosen; what is unknown is not shown.
 */
import type { ModelInfo } from '../../protocol/models.ts';
import { formatBytes, formatCount } from '../../text/digits.ts';
import { modelName } from '../lines/short-path.ts';
import type { PickerItem } from './picker.ts';

/** An installed model. Undefined: the server does not say. */
export interface ModelEntry {
  readonly name: string;
  readonly sizeBytes?: number;
  /** `30.5B`. */
  readonly parameterSize?: string;
  /** The window it was trained for, tokens. */
  readonly contextLength?: number;
  readonly tools?: boolean;
  readonly vision?: boolean;
  readonly thinking?: boolean;
  /** It thinks at levels and cannot be made not to. */
  readonly hasThinkLevels?: boolean;
  /** The profile that oagent uses for it, as measured or configured. */
  readonly profile?: 'native' | 'led';
  /** It runs in the cloud: what it is sent leaves the machine. */
  readonly isRemote?: boolean;
  /** It is in memory now. */
  readonly isRunning?: boolean;
  /** The session works with it. */
  readonly isCurrent?: boolean;
}

/** @param current the model that the session works with. */
export function modelEntry(model: ModelInfo, current: string | undefined): ModelEntry {
  const { name, size, parameterSize, contextLength, capabilities, loadedWindow, family, profile } = model;
  const { isRemote } = model;
  const isKnown = capabilities.length > 0;
  const can = (what: string): boolean | undefined => (isKnown ? capabilities.includes(what) : undefined);
  return {
    name,
    sizeBytes: size,
    parameterSize,
    contextLength,
    tools: can('tools'),
    vision: can('vision'),
    thinking: can('thinking'),
    profile,
    isRemote,
    hasThinkLevels: family === 'gptoss' || family === 'gpt-oss',
    isRunning: loadedWindow !== undefined,
    isCurrent: name === current,
  };
}

/** In the words of `model_reasoning_effort`. */
export type Effort = 'none' | 'low' | 'medium' | 'high';

interface Proposal {
  readonly name: string;
  readonly detail: string;
}

/** Models that can work as an agent, for machines from large to small. */
const PROPOSALS: readonly Proposal[] = [
  { name: 'qwen3-coder:30b', detail: '19 GB · window 256k · for 24 GB of memory or more' },
  { name: 'gpt-oss:20b', detail: '14 GB · window 128k · thinking · for 16 GB' },
  { name: 'devstral:24b', detail: '14 GB · window 128k · for 16 GB to 24 GB' },
  { name: 'qwen3:8b', detail: '5.2 GB · window 40k · thinking · for 8 GB' },
];

const PULL = 'pull ';

/** The model to download that an entry offers; undefined for an installed one. */
export function pullNameOf(id: string): string | undefined {
  return id.startsWith(PULL) ? id.slice(PULL.length) : undefined;
}

/** Installed models; then what can be downloaded: proposals while none is usable, and whatever name is typed. */
export function modelItems(models: readonly ModelEntry[], filter: string): PickerItem[] {
  const proposals = models.some(({ tools }) => tools !== false) ? [] : PROPOSALS;
  const known = [...models.map(({ name }) => name), ...proposals.map(({ name }) => name)];
  const typed = filter.trim();
  const isNew =
    /^[\w.-]+(?:\/[\w.-]+)*(?::[\w.-]+)?$/.test(typed) && typed.length > 2 && !known.includes(typed);
  return [
    ...models.map(installedItem),
    ...proposals.map(({ name, detail }) => ({ id: `${PULL}${name}`, label: name, detail, hint: 'download' })),
    ...(isNew ? [{ id: `${PULL}${typed}`, label: typed, hint: 'download' }] : []),
  ];
}

function installedItem(model: ModelEntry): PickerItem {
  const { name, sizeBytes, parameterSize, contextLength, tools, vision, thinking, profile } = model;
  const { isRunning, isCurrent, isRemote } = model;
  const details = [
    isRemote ? 'in the cloud' : undefined,
    parameterSize,
    // What is on this disk of a model in the cloud is a note of a few bytes.
    sizeBytes === undefined || isRemote ? undefined : formatBytes(sizeBytes),
    contextLength === undefined ? undefined : `window ${formatWindow(contextLength)}`,
    tools === false ? 'no tools: cannot work as an agent' : undefined,
    thinking ? 'thinking' : undefined,
    vision ? 'vision' : undefined,
    profile,
    isRunning ? 'loaded' : undefined,
  ];
  return {
    id: name,
    label: modelName(name),
    detail: details.filter(Boolean).join(' · '),
    hint: isCurrent ? 'current' : undefined,
    disabled: tools === false ? true : undefined,
  };
}

/** Windows are powers of two: 131072 is known as 128k. */
function formatWindow(tokens: number): string {
  return tokens >= 1024 && tokens % 1024 === 0 ? `${tokens / 1024}k` : formatCount(tokens);
}

const LEVELS: readonly (readonly [Effort, string, string])[] = [
  ['low', 'Low', 'quick answers'],
  ['medium', 'Medium', 'for most tasks'],
  ['high', 'High', 'hard tasks; slower'],
];
const SWITCH: readonly (readonly [Effort, string, string])[] = [
  ['medium', 'On', 'thinks before it answers'],
  ['none', 'Off', 'answers immediately'],
];

/** What can be chosen for a model: levels, a switch, or nothing. `current` is what the session has. */
export function effortItems(model: ModelEntry, current: Effort | undefined): PickerItem[] {
  if (!model.thinking) return [];
  const levels = model.hasThinkLevels ? LEVELS : SWITCH;
  // Where thinking is a switch every level is on.
  const now = model.hasThinkLevels || current === 'none' || current === undefined ? current : 'medium';
  return levels.map(([id, label, detail]) => ({
    id,
    label,
    detail,
    hint: id === now ? 'current' : undefined,
  }));
}
