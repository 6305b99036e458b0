/** The skills that were found, and which of them a message or a file needs. */
import path from 'node:path';
import picomatch from 'picomatch';
import { isInside } from '../../config/paths.ts';
import type { FoundSkill } from './find-skills.ts';
import { SkillRecall } from './recall.ts';
import { hasSkill, skillText } from './skill-text.ts';
import type { Skill, Skills, SkillWindow, UsedSkill } from './skills.ts';

/** At most one part in this many of the window, and of what is free. */
const SHARE = 8;
const SHARE_OF_FREE = 3;
/** Twice as much if the user has asked for it. */
const SHARE_CALLED = 4;
/** More names in one message are a text about something else. */
const MOST_NAMED = 3;
const MOST_FILES = 200;
const LONGEST_FILE = 1_024;

export class InstalledSkills implements Skills {
  readonly #skills: readonly FoundSkill[];
  readonly #cwd: string;
  #recall: SkillRecall<FoundSkill> | undefined;
  readonly #globs = new Map<FoundSkill, (file: string) => boolean>();

  constructor(skills: readonly FoundSkill[], cwd: string) {
    this.#skills = skills;
    this.#cwd = cwd;
  }

  get all(): readonly Skill[] {
    return this.#skills;
  }

  forMessage(message: string, window: SkillWindow): readonly UsedSkill[] {
    const named = this.#named(message);
    if (named.length > 0) return named.flatMap((skill) => this.#use(skill, false, window) ?? []);
    const fits = this.#aboutFiles(pathsIn(message), window) ?? this.#byWords(message);
    const used = fits && this.#use(fits, true, window);
    return used === undefined ? [] : [used];
  }

  forFiles(files: readonly string[], window: SkillWindow): UsedSkill | undefined {
    const skill = this.#aboutFiles(files, window);
    return skill && this.#use(skill, true, window);
  }

  #use(
    skill: FoundSkill,
    isRecalled: boolean,
    { numCtx, left, history }: SkillWindow,
  ): UsedSkill | undefined {
    if (hasSkill(history, skill.name)) return undefined;
    const most = Math.min(numCtx / (isRecalled ? SHARE : SHARE_CALLED), left / SHARE_OF_FREE);
    const text = skillText(skill, Math.floor(most), this.#cwd);
    return text === undefined ? undefined : { skill, text, isRecalled };
  }

  /** In the order of the message. What is written as code is not meant. */
  #named(message: string): readonly FoundSkill[] {
    const said = message.replace(/```[\s\S]*?(?:```|$)|`[^`\n]*`/g, ' ');
    const names = new Set(
      [...said.matchAll(/(?<![\w$\\/.-])\$([a-z0-9][a-z0-9-]*)(?![\w-])/g)].map(([, name]) => name),
    );
    return [...names]
      .flatMap((name) => this.#skills.find((skill) => skill.name === name) ?? [])
      .slice(0, MOST_NAMED);
  }

  #byWords(message: string): FoundSkill | undefined {
    this.#recall ??= new SkillRecall(
      this.#skills.filter(({ isOnlyCalled, paths }) => !isOnlyCalled && paths.length === 0),
    );
    return this.#recall.about(message);
  }

  #aboutFiles(files: readonly string[], { history }: SkillWindow): FoundSkill | undefined {
    const gated = this.#skills.filter(({ isOnlyCalled, paths }) => !isOnlyCalled && paths.length > 0);
    if (gated.length === 0) return undefined;
    const absolute = files
      .slice(0, MOST_FILES)
      .filter((file) => file.length <= LONGEST_FILE)
      .map((file) => path.resolve(this.#cwd, file));
    return gated.find(
      (skill) => !hasSkill(history, skill.name) && absolute.some((file) => this.#isFor(skill, file)),
    );
  }

  #isFor(skill: FoundSkill, file: string): boolean {
    const { base } = skill.place;
    if (!isInside(base, file)) return false;
    const fits = this.#globs.get(skill) ?? globsOf(skill.paths);
    this.#globs.set(skill, fits);
    return fits(path.relative(base, file).split(path.sep).join('/'));
  }
}

/** A glob without a slash means the name of a file in any folder. Extended globs can take exponential time. */
function globsOf(globs: readonly string[]): (file: string) => boolean {
  const options = { dot: true, noextglob: true, nonegate: true };
  const [named, whole] = [
    globs.filter((glob) => !glob.includes('/')),
    globs.filter((glob) => glob.includes('/')),
  ];
  const isNamed = named.length === 0 ? () => false : picomatch(named, options);
  const isWhole = whole.length === 0 ? () => false : picomatch(whole, options);
  return (file) => isWhole(file) || isNamed(path.posix.basename(file));
}

/** What looks like a path in a text. */
function pathsIn(text: string): readonly string[] {
  return (text.match(/[^\s"'`()<>[\],;]+/g) ?? [])
    .map((word) => word.replace(/^@/, '').replace(/(?::\d+)*[.:!?]*$/, ''))
    .filter((word) => /[./]/.test(word));
}
