/**
 * How far a led turn is: what the model has seen, what has changed, what its commands gave.
 *
 * Invariants: only what the harness has seen goes in here, never what the model says. Does not: decide what may come next
 * (acts.ts).
 */

/** A file that was given no new text so often is taken to be as it should be, and another one is tried. */
const MOST_TRIES = 2;

export class Progress {
  /** Files whose text the model has in view as it is now. */
  readonly inView = new Set<string>();
  /** Files that are not as they were. */
  readonly changed = new Set<string>();
  /** Files that the model was asked to change and left as they were, since anything changed last. */
  readonly same = new Set<string>();
  /** Commands that the model has run, with their ends. */
  readonly ran = new Map<string, boolean>();
  readonly #vainOf = new Map<string, number>();
  /** Texts in a row that changed nothing. */
  vain = 0;
  searches = 0;
  /** What the task's check gave last. `unusable`: it cannot be run here. */
  check: 'not run' | 'passed' | 'failed' | 'unusable' = 'not run';
  /** Orders that were carried out, or could not be. */
  readonly ordered = new Set<string>();
  /** How often the check has failed in a row. */
  failures = 0;
  hasDeletedOrMoved = false;
  /** Files and commands of which the user, or the policy, has said no. */
  readonly refused = new Set<string>();
  #wasChanged = false;

  get hasChanged(): boolean {
    return this.changed.size > 0 || this.hasDeletedOrMoved || this.#wasChanged;
  }

  /** The user has said more, about these files, or about all: they may have to be changed again, and nothing has passed yet. */
  reopen(files: readonly string[]): void {
    this.#wasChanged = this.hasChanged;
    for (const file of files.length > 0 ? files : [...this.changed]) this.changed.delete(file);
    for (const files of [this.same, this.refused]) files.clear();
    if (this.check !== 'unusable') this.check = 'not run';
    this.vain = 0;
    this.failures = 0;
  }

  /** Something on the disk is new: what was seen of commands may not hold any more. */
  noteChange(file: string): void {
    this.changed.add(file);
    this.same.clear();
    this.ran.clear();
    this.vain = 0;
    this.#vainOf.clear();
  }

  /** The model was asked for a new text and gave the old one, or none that can be meant. */
  noteVain(file: string): void {
    this.vain += 1;
    const times = (this.#vainOf.get(file) ?? 0) + 1;
    this.#vainOf.set(file, times);
    if (times >= MOST_TRIES) this.same.add(file);
  }
}
