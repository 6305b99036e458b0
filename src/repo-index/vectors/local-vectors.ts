/**
 * Exact search over the vector cache, in this process: used where there can be no Chroma server, or while it is rebuilt.
 *
 * Holds every listed vector as float32 in blocks of 4,096: 4 bytes a dimension, 154 MB for 50,000 vectors of 768; loaded
 * at the first query, dropped by `unload`. Invariants: the same ranking as sorting by cosine, ties by id; what another
 * process has written to the list is seen at the next query. It writes no file of its own: its store is vector-db.ts.
 */
import type { VectorDb } from './vector-db.ts';
import {
  type CallOptions,
  type VectorHit,
  type VectorItem,
  type VectorStore,
  VectorStoreError,
} from './vector-store.ts';

const BLOCK = 4096;

interface Entry {
  readonly id: string;
  /** The sha in hex, to see whether the id stands for another text now. */
  readonly sha: string;
}

export class LocalVectors implements VectorStore {
  readonly #db: VectorDb;
  #dim = 0;
  #blocks: Float32Array[] = [];
  #entries: Entry[] = [];
  #slots = new Map<string, number>();
  /** Of the list when it was last read; -1: not loaded. */
  #generation = -1;

  constructor(db: VectorDb) {
    this.#db = db;
  }

  /** Bytes of vectors in memory. */
  get bytes(): number {
    return this.#blocks.reduce((sum, block) => sum + block.byteLength, 0);
  }

  async upsert(items: readonly VectorItem[], { signal }: CallOptions): Promise<void> {
    signal.throwIfAborted();
    this.#db.add(items);
  }

  async delete(ids: readonly string[], { signal }: CallOptions): Promise<void> {
    signal.throwIfAborted();
    this.#db.drop(ids);
  }

  async query(vector: Float32Array, k: number, { signal }: CallOptions): Promise<VectorHit[]> {
    signal.throwIfAborted();
    this.#refresh();
    if (this.#entries.length === 0 || k <= 0) return [];
    if (vector.length !== this.#dim) {
      throw new VectorStoreError(
        'refused',
        `a query of ${vector.length} dimensions, the index has ${this.#dim}`,
      );
    }
    const best = new Best(Math.min(k, this.#entries.length));
    const scores = new Float32Array(BLOCK);
    for (const [number, block] of this.#blocks.entries()) {
      const first = number * BLOCK;
      const rows = Math.min(BLOCK, this.#entries.length - first);
      dotProducts(block, rows, vector, scores);
      for (let row = 0; row < rows; row += 1) {
        const score = scores[row] ?? 0;
        if (score >= best.threshold) best.offer(this.#entries[first + row]?.id ?? '', score);
      }
    }
    return best.sorted();
  }

  async count({ signal }: CallOptions): Promise<number> {
    signal.throwIfAborted();
    return this.#db.count();
  }

  async close(): Promise<void> {
    this.unload();
  }

  /** Frees the memory; the next query loads again. */
  unload(): void {
    this.#blocks = [];
    this.#entries = [];
    this.#slots.clear();
    this.#generation = -1;
  }

  /** Makes the blocks equal to the list. */
  #refresh(): void {
    const generation = this.#db.generation();
    if (generation === this.#generation) return;
    if (this.#entries.length === 0) this.#load();
    else this.#follow();
    // Unlisting what is broken has changed it again, which costs one more pass at the next query.
    this.#generation = generation;
  }

  #load(): void {
    const broken: string[] = [];
    for (const { id, sha, vector } of this.#db.loaded()) {
      if (vector === undefined || (this.#entries.length > 0 && vector.length !== this.#dim)) broken.push(id);
      else this.#put({ id, sha: hexOf(sha) }, vector);
    }
    for (const id of broken) this.#db.unlist(id);
  }

  /** Looks through the list for what is not as in memory. */
  #follow(): void {
    const gone = new Set(this.#slots.keys());
    for (const { id, sha } of this.#db.listed()) {
      gone.delete(id);
      const hex = hexOf(sha);
      const slot = this.#slots.get(id);
      if (slot !== undefined && this.#entries[slot]?.sha === hex) continue;
      const vector = this.#db.cached(sha);
      if (vector === undefined || (this.#entries.length > 0 && vector.length !== this.#dim)) {
        this.#db.unlist(id);
        if (slot !== undefined) gone.add(id);
      } else this.#put({ id, sha: hex }, vector);
    }
    for (const id of gone) this.#remove(id);
  }

  #put(entry: Entry, vector: Float32Array): void {
    if (this.#entries.length === 0) {
      this.#dim = vector.length;
      this.#blocks = [];
    }
    const slot = this.#slots.get(entry.id) ?? this.#entries.length;
    this.#entries[slot] = entry;
    this.#slots.set(entry.id, slot);
    const number = Math.floor(slot / BLOCK);
    const block = this.#blocks[number] ?? new Float32Array(BLOCK * this.#dim);
    this.#blocks[number] = block;
    block.set(vector, (slot % BLOCK) * this.#dim);
  }

  /** The last one takes its place. */
  #remove(id: string): void {
    const slot = this.#slots.get(id);
    const last = this.#entries.pop();
    if (slot === undefined || last === undefined) return;
    this.#slots.delete(id);
    const end = this.#entries.length;
    if (slot !== end) {
      const from = this.#row(end);
      this.#row(slot).set(from);
      this.#entries[slot] = last;
      this.#slots.set(last.id, slot);
    }
    this.#blocks.length = Math.ceil(end / BLOCK);
  }

  #row(slot: number): Float32Array {
    const start = (slot % BLOCK) * this.#dim;
    return this.#blocks[Math.floor(slot / BLOCK)]?.subarray(start, start + this.#dim) ?? new Float32Array();
  }
}

/** Four sums at once: V8 does not vectorise one, and additions that wait for each other take four times as long. */
function dotProducts(block: Float32Array, rows: number, vector: Float32Array, scores: Float32Array): void {
  const dim = vector.length;
  const whole = dim - (dim % 4);
  for (let row = 0; row < rows; row += 1) {
    const start = row * dim;
    let [a, b, c, d] = [0, 0, 0, 0];
    for (let i = 0; i < whole; i += 4) {
      // biome-ignore-start lint/style/noNonNullAssertion: a check in this loop costs a third of the speed.
      const at = start + i;
      a += block[at]! * vector[i]!;
      b += block[at + 1]! * vector[i + 1]!;
      c += block[at + 2]! * vector[i + 2]!;
      d += block[at + 3]! * vector[i + 3]!;
    }
    for (let i = whole; i < dim; i += 1) a += block[start + i]! * vector[i]!;
    // biome-ignore-end lint/style/noNonNullAssertion: see above
    scores[row] = a + b + (c + d);
  }
}

const hexOf = (sha: Uint8Array): string =>
  Buffer.from(sha.buffer, sha.byteOffset, sha.length).toString('hex');

const before = (a: VectorHit, b: VectorHit): number => b.score - a.score || (a.id < b.id ? -1 : 1);

/** The best `k` so far, in a list of twice that length, sorted only when it is full. */
class Best {
  /** What scores less cannot be among the best. */
  threshold = Number.NEGATIVE_INFINITY;
  readonly #k: number;
  #hits: VectorHit[] = [];

  constructor(k: number) {
    this.#k = k;
  }

  offer(id: string, score: number): void {
    this.#hits.push({ id, score });
    if (this.#hits.length >= 2 * this.#k + 16) this.#shrink();
  }

  sorted(): VectorHit[] {
    this.#shrink();
    return this.#hits;
  }

  #shrink(): void {
    this.#hits = this.#hits.sort(before).slice(0, this.#k);
    if (this.#hits.length === this.#k) this.threshold = this.#hits.at(-1)?.score ?? this.threshold;
  }
}
