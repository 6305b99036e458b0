/** What the phases tell whoever runs them. A step is one request or none, and keeps what it has done. */

export interface MemoryProgress {
  readonly phase: 'extract' | 'consolidate';
  readonly done: number;
  readonly total: number;
  /** What is being read, for a progress bar. */
  readonly title?: string;
}

export interface MemoryStep {
  /** `idle`: nothing is left to do; `busy`: another process does it. */
  readonly state: 'more' | 'idle' | 'busy';
  readonly progress?: MemoryProgress;
  /** A failure that is kept and tried again later. */
  readonly problem?: string;
}
