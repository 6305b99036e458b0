/** The skills of a session. */

export interface Skill {
  readonly name: string;
  readonly description: string;
  /** SKILL.md, absolute. */
  readonly file: string;
}

/** One whose text goes to the model. */
export interface UsedSkill {
  readonly skill: Skill;
  /** As the model gets it. */
  readonly text: string;
  readonly isRecalled: boolean;
}

export interface Skills {
  readonly all: readonly Skill[];
  /**
   * The one that the message names (`$name`), or the one that fits it. None that the session has already got, and none whose
   * text is longer than `most` tokens.
   */
  readonly forMessage: (message: string, most: number) => UsedSkill | undefined;
  /** The one with that name, called outright. @throws Error with a line for the user. */
  readonly named: (name: string) => UsedSkill;
}
