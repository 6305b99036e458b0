/** The skills of a session: procedures that the user and the project have written down. */

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
  /** Found for the message or the files; otherwise the user has called it. */
  readonly isRecalled: boolean;
}

/** What there is space for, and what the model has. */
export interface SkillWindow {
  readonly numCtx: number;
  /** Tokens that are free. */
  readonly left: number;
  readonly history: readonly { readonly content: string }[];
}

/** None is given twice while the history has it. */
export interface Skills {
  readonly all: readonly Skill[];
  /** Those that the message names (`$name`), or else the one that fits it. */
  readonly forMessage: (message: string, window: SkillWindow) => readonly UsedSkill[];
  /** The one that is about these files, absolute or relative to the folder of the session. */
  readonly forFiles: (files: readonly string[], window: SkillWindow) => UsedSkill | undefined;
}
