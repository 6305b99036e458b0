/** Skills for what the user says and for what the model touches: appended once, and announced. */
import type { History } from '../context/history.ts';
import type { UsedSkill } from '../extensions/skills/skills.ts';
import type { Event } from '../protocol.ts';
import type { AgentOptions } from './agent-options.ts';

export type SkillForFiles = (files: readonly string[]) => UsedSkill | undefined;

interface SkillDeps {
  readonly skills: AgentOptions['skills'];
  readonly settings: { readonly numCtx: number };
  readonly history: History;
  readonly window: { readonly left: number };
  readonly emit: (event: Event) => void;
}

/** Appends the skills that a message names, or the one that fits it. @returns their texts. */
export function bringSkills(message: string, deps: SkillDeps): readonly string[] {
  const all = deps.skills?.forMessage(message, windowOf(deps)) ?? [];
  for (const used of all) {
    deps.history.note(used.text);
    deps.emit(skillUsed(used));
  }
  return all.map(({ text }) => text);
}

/** Finds the skill for what is about to be appended; the caller appends and announces it. */
export function skillForFiles(deps: SkillDeps): SkillForFiles | undefined {
  const { skills } = deps;
  return skills && ((files) => (files.length === 0 ? undefined : skills.forFiles(files, windowOf(deps))));
}

export function skillUsed({ skill, text, isRecalled }: UsedSkill): Event {
  return { type: 'skill_used', name: skill.name, file: skill.file, isRecalled, text };
}

function windowOf({ settings, history, window }: SkillDeps) {
  return { numCtx: settings.numCtx, left: window.left, history: history.items };
}
