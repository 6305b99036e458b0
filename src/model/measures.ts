/**
 * What sessions have learned about models, for later sessions: the bytes per token, how the model was loaded with which
 * window, and how it calls tools. One small file in oagent's folder.
 *
 * It is only a cache. If it is missing, damaged or of another kind, nothing is known; if it cannot be written, the next
 * session knows less. It is replaced as a whole, and what another process wrote about another model is kept.
 */

import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../config/make-folder.ts';
import type { JsonObject } from '../protocol.ts';
import { type CallRecord, NO_CALLS } from './call-profile.ts';
import { canonicalName } from './capabilities.ts';
import { serverId } from './host.ts';
import { isObject } from './json-object.ts';
import type { LoadedModel } from './window.ts';

export interface ModelMeasure {
  readonly bytesPerToken?: number;
  /** To read a prompt. */
  readonly msPerToken?: number;
  /** The server makes it keep to a JSON schema. */
  readonly obeysFormat?: boolean;
  /** One for each window, the newest last. */
  readonly loads: readonly LoadedModel[];
  /** Tokens: the smallest window with which it did not fit into memory. */
  readonly tooLarge?: number;
  /** How long it thought before its last answers, in tokens, the newest last; by effort, as `think` has it. */
  readonly thinking?: { readonly [effort: string]: readonly number[] };
  /** For the weights with this digest. */
  readonly calls?: CallRecord & { readonly digest: string };
}

/** Enough to know what fitted, what did not, and what is in between. */
const MAX_LOADS = 6;
/** A rate that differs by less is not written. */
const SAME_RATE = 0.02;
/** The same for the speed, which is never quite the same twice. */
const SAME_SPEED = 0.1;

export class ModelMeasures {
  readonly path: string;

  /** @param home oagent's own folder. */
  constructor(home: string) {
    this.path = path.join(home, 'models.json');
  }

  of(host: string, model: string): ModelMeasure {
    return measureIn(this.#read()[keyOf(host, model)]);
  }

  keepRate(host: string, model: string, bytesPerToken: number): void {
    const known = this.of(host, model);
    const before = known.bytesPerToken ?? 0;
    if (Math.abs(bytesPerToken - before) > before * SAME_RATE) {
      this.#write(host, model, { ...known, bytesPerToken: Number(bytesPerToken.toFixed(3)) });
    }
  }

  keepSpeed(host: string, model: string, msPerToken: number): void {
    const known = this.of(host, model);
    const before = known.msPerToken ?? 0;
    if (Math.abs(msPerToken - before) > before * SAME_SPEED) {
      this.#write(host, model, { ...known, msPerToken: Number(msPerToken.toPrecision(3)) });
    }
  }

  /** @returns all known loads, including this one. */
  keepLoad(host: string, model: string, { numCtx, size, sizeVram }: LoadedModel): readonly LoadedModel[] {
    const known = this.of(host, model);
    const load = { numCtx, size, sizeVram };
    if (numCtx >= (known.tooLarge ?? Number.POSITIVE_INFINITY)) {
      // There is more memory than there was.
      this.#write(host, model, { ...known, tooLarge: undefined });
      return this.keepLoad(host, model, load);
    }
    const loads = [...known.loads.filter((other) => other.numCtx !== numCtx), load].slice(-MAX_LOADS);
    if (JSON.stringify(loads) !== JSON.stringify(known.loads)) this.#write(host, model, { ...known, loads });
    return loads;
  }

  keepTooLarge(host: string, model: string, numCtx: number): void {
    const known = this.of(host, model);
    if (numCtx < (known.tooLarge ?? Number.POSITIVE_INFINITY))
      this.#write(host, model, { ...known, tooLarge: numCtx });
  }

  /** How these weights were seen to call tools. Nothing is known about other weights, or without a digest. */
  callsOf(host: string, model: string, digest: string | undefined): CallRecord {
    const { calls } = this.of(host, model);
    if (calls === undefined || calls.digest !== digest) return NO_CALLS;
    const { digest: _, ...record } = calls;
    return record;
  }

  /** Whether the digest of this model matters. */
  hasCalls(host: string, model: string): boolean {
    return this.of(host, model).calls !== undefined;
  }

  /** Replaces what was known. */
  keepCalls(host: string, model: string, digest: string, record: CallRecord): void {
    this.#write(host, model, { ...this.of(host, model), calls: { digest, ...record } });
  }

  keepObedience(host: string, model: string, obeysFormat: boolean): void {
    const known = this.of(host, model);
    if (known.obeysFormat !== obeysFormat) this.#write(host, model, { ...known, obeysFormat });
  }

  thinkingOf(host: string, model: string, effort: string): readonly number[] {
    return this.of(host, model).thinking?.[effort] ?? [];
  }

  /** Replaces what was known for this effort. */
  keepThinking(host: string, model: string, effort: string, lengths: readonly number[]): void {
    const known = this.of(host, model);
    if (JSON.stringify(known.thinking?.[effort]) === JSON.stringify(lengths)) return;
    this.#write(host, model, { ...known, thinking: { ...known.thinking, [effort]: lengths } });
  }

  #read(): JsonObject {
    try {
      const value: unknown = JSON.parse(readFileSync(this.path, 'utf8'));
      return isObject(value) ? value : {};
    } catch {
      return {};
    }
  }

  #write(host: string, model: string, measure: ModelMeasure): void {
    const temporary = `${this.path}.${process.pid}.tmp`;
    try {
      makeFolder(path.dirname(this.path));
      const all = { ...this.#read(), [keyOf(host, model)]: measure };
      writeFileSync(temporary, `${JSON.stringify(all, null, 1)}\n`, { mode: 0o600 });
      renameSync(temporary, this.path);
    } catch {
      discard(temporary);
    }
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Nothing more can be done.
  }
}

function keyOf(host: string, model: string): string {
  return `${canonicalName(model)} @ ${serverId(host)}`;
}

function measureIn(value: unknown): ModelMeasure {
  if (!isObject(value)) return { loads: [] };
  const { bytesPerToken, msPerToken, obeysFormat, loads, tooLarge } = value;
  const calls = callsIn(value.calls);
  return {
    bytesPerToken: isPositive(bytesPerToken) ? bytesPerToken : undefined,
    msPerToken: isPositive(msPerToken) ? msPerToken : undefined,
    obeysFormat: typeof obeysFormat === 'boolean' ? obeysFormat : undefined,
    loads: Array.isArray(loads) ? loads.filter(isLoad) : [],
    tooLarge: isPositive(tooLarge) ? tooLarge : undefined,
    thinking: thinkingIn(value.thinking),
    calls,
  };
}

function thinkingIn(value: unknown): ModelMeasure['thinking'] {
  if (!isObject(value)) return undefined;
  const lengths = Object.entries(value).map(
    ([effort, list]) => [effort, Array.isArray(list) ? list.filter(isPositive) : []] as const,
  );
  return Object.fromEntries(lengths);
}

function callsIn(value: unknown): ModelMeasure['calls'] {
  if (!isObject(value) || typeof value.digest !== 'string') return undefined;
  const { digest, native, leaked, none } = value;
  return isCount(native) && isCount(leaked) && isCount(none) ? { digest, native, leaked, none } : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isLoad(value: unknown): value is LoadedModel {
  return (
    isObject(value) &&
    isPositive(value.numCtx) &&
    isPositive(value.size) &&
    typeof value.sizeVram === 'number'
  );
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
