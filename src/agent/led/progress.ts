/**
 * How far a led turn is: what the model has seen, what has changed, how its commands ended. Only what the harness saw
 * is recorded here, never what the model says.
 */
/** A file that got no new text this many times is taken to be right, and another one is tried. */
const MOST_TRIES = 2;

export class Progress {
  /** Files whose current text the model has in view. */
  readonly inView = new Set<string>();
  /** Files that were changed. */
  readonly changed = new Set<string>();
  /** Files that the model was asked to change and left as they were, since the last change of any file. */
  readonly same = new Set<string>();
  /** Commands that the model has run, and whether they succeeded. */
  readonly ran = new Map<string, boolean>();
  readonly #vainOf = new Map<string, number>();
  /** Texts in a row that changed nothing. */
  vain = 0;
  /** What was searched for. */
  readonly #searched = new Set<string>();
  /** Searches so far; infinite once one was made again: the model has no other idea. */
  searches = 0;
  /** The last result of the task's check. `unusable`: it cannot be run here. */
  check: 'not run' | 'passed' | 'failed' | 'unusable' = 'not run';
  /** Orders that were carried out, or could not be. */
  readonly ordered = new Set<string>();
  /** How often the check has failed in a row. */
  failures = 0;
  hasDeletedOrMoved = false;
  /** Files and commands that the user, or the policy, has refused. */
  readonly refused = new Set<string>();
  #wasChanged = false;

  get hasChanged(): boolean {
    return this.changed.size > 0 || this.hasDeletedOrMoved || this.#wasChanged;
  }

  /**
   * The user has said more, about these files, or about all if there are none: they may have to be changed again, and
   * the check has not passed.
   */
  reopen(files: readonly string[]): void {
    this.#wasChanged = this.hasChanged;
    for (const file of files.length > 0 ? files : [...this.changed]) this.changed.delete(file);
    for (const files of [this.same, this.refused]) files.clear();
    if (this.check !== 'unusable') this.check = 'not run';
    this.vain = 0;
    this.failures = 0;
  }

  noteSearch(text: string): void {
    this.searches = this.#searched.has(text) ? Infinity : this.searches + 1;
    this.#searched.add(text);
  }

  /** A file has changed: the results of commands may no longer apply. */
  noteChange(file: string): void {
    this.changed.add(file);
    this.same.clear();
    this.ran.clear();
    this.vain = 0;
    this.#vainOf.clear();
  }

  /** The model was asked for a new text and gave the old one, or one that is not plausible. */
  noteVain(file: string): void {
    this.vain += 1;
    const times = (this.#vainOf.get(file) ?? 0) + 1;
    this.#vainOf.set(file, times);
    if (times >= MOST_TRIES) this.same.add(file);
  }
}
