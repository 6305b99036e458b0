/** Skills of one folder, and what is asked there. */
export interface SkillSet {
  readonly name: string;
  readonly skills: readonly {
    readonly name: string;
    readonly description: string;
    readonly headings: readonly string[];
  }[];
  /** Messages, and the skill that fits. */
  readonly fits: readonly (readonly [message: string, skill: string])[];
  /** Messages that no skill fits. */
  readonly none: readonly string[];
}

export const skill = (
  name: string,
  description: string,
  ...headings: readonly string[]
): SkillSet['skills'][number] => ({ name, description, headings });
