/**
 * `oagent skills`: which skills and commands of the user's own there are, where they come from, and why others are not used. Results go
 * to stdout, everything else to stderr; what the files say is foreign text.
 */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import template from '../../../prompts/new-skill.md?raw';
import { isInside, physicalPath, realPath } from '../../config/paths.ts';
import { projectRoot } from '../../config/trust.ts';
import { commandPlaces } from '../../extensions/commands/command-places.ts';
import { findCommands } from '../../extensions/commands/find-commands.ts';
import { readIn } from '../../extensions/read-place.ts';
import { findSkills } from '../../extensions/skills/find-skills.ts';
import { isSkillName } from '../../extensions/skills/skill-file.ts';
import { skillPlaces } from '../../extensions/skills/skill-places.ts';
import { NamedFile } from '../../safety/named-file.ts';
import { OWN_NAMES } from '../../session/own-names.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { errorCode, errorMessage } from '../../text/error-message.ts';
import { jsonText } from '../../text/json-text.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';
import { oneLine } from '../../tui/lines/clean.ts';

export type SkillsAction =
  | { readonly name: 'list'; readonly json: boolean }
  | { readonly name: 'show'; readonly skill: string }
  | { readonly name: 'new'; readonly skill: string; readonly isOfUser: boolean };

type SkillsPlan = Pick<SessionPlan, 'cwd' | 'home' | 'env' | 'loaded'>;

const MOST_DESCRIPTION = 100;

const out = (line: string): void => void process.stdout.write(`${line}\n`);
const note = (line: string): void => void process.stderr.write(`${line}\n`);

/** @returns the exit code. */
export function skillsCommand(action: SkillsAction, plan: SkillsPlan): number {
  switch (action.name) {
    case 'list':
      return list(plan, action.json);
    case 'show':
      return show(plan, action.skill);
    case 'new':
      return create(plan, action.skill, action.isOfUser);
    default:
      return action satisfies never;
  }
}

interface Problem {
  /** A file, or a folder whose project is not trusted. */
  readonly file: string;
  readonly problem: string;
}

function all({ cwd, home, env, loaded }: SkillsPlan) {
  const around = { cwd, home, env, trust: loaded.config };
  const skills = findSkills(skillPlaces(around));
  const commands = findCommands(commandPlaces(around), OWN_NAMES);
  const problems: readonly Problem[] = [skills, commands].flatMap(({ broken, shadowed, untrusted }) => [
    ...broken,
    ...shadowed.map(({ name, file, by }) => ({
      file,
      problem:
        by === 'oagent'
          ? `/${name} is a command of oagent's own: rename the file`
          : `${by} has the same name (${name}) and comes first: rename one of them`,
    })),
    ...untrusted.map((file) => ({
      file,
      problem: 'this project is not trusted: start oagent in it and say yes, or use --trust',
    })),
  ]);
  return { skills: skills.skills, commands: commands.commands, problems };
}

function list(plan: SkillsPlan, isJson: boolean): number {
  const { skills, commands, problems } = all(plan);
  if (isJson) {
    const found = {
      skills: skills.map(({ name, description, file, paths, isOnlyCalled }) => ({
        name,
        description,
        file,
        paths,
        only_called: isOnlyCalled,
      })),
      commands: commands.map(({ name, description, hint, file }) => ({ name, description, hint, file })),
      problems,
    };
    out(jsonText(found, 2));
    return 0;
  }
  const shown = (file: string): string => shownPath(file, plan);
  if (skills.length === 0 && problems.length === 0)
    note('There are no skills here. `oagent skills new NAME` begins one.');
  for (const { name, description, file, paths, isOnlyCalled } of skills) {
    const when = isOnlyCalled
      ? ' (only when called)'
      : paths.length > 0
        ? ` (for ${oneLine(paths.join(', '))})`
        : '';
    out(`${name}${when}: ${oneLine(description, MOST_DESCRIPTION)}\n  ${shown(file)}`);
  }
  if (commands.length > 0) out('Commands:');
  for (const { name, description, file } of commands)
    out(`/${oneLine(name)}: ${oneLine(description, MOST_DESCRIPTION)}\n  ${shown(file)}`);
  if (problems.length > 0) out('Not used:');
  for (const { file, problem } of problems) out(`${shown(file)}: ${oneLine(problem)}`);
  if (!plan.loaded.config.skills.enabled)
    note('Skills are switched off: [skills] enabled = false in config.toml.');
  return 0;
}

function show(plan: SkillsPlan, name: string): number {
  const { skills } = all(plan);
  const skill = skills.find((one) => one.name === name.replace(/^\$/, ''));
  if (skill === undefined) {
    note(`There is no skill ${sanitizeForTerminal(name)} here. \`oagent skills list\` shows them.`);
    return 1;
  }
  note(sanitizeForTerminal(skill.file));
  const text = readIn(skill.place, skill.file).trimEnd();
  out(process.stdout.isTTY ? sanitizeForTerminal(text) : text);
  return 0;
}

function create({ cwd, home, loaded }: SkillsPlan, name: string, isOfUser: boolean): number {
  if (!isSkillName(name)) {
    note(
      `${sanitizeForTerminal(JSON.stringify(name))} cannot be the name of a skill: use 1 to 64 of a-z, 0-9 and -.`,
    );
    return 2;
  }
  const root = isOfUser ? home : projectRoot(loaded.config, cwd);
  const folder = path.join(root, isOfUser ? 'skills' : '.oagent/skills', name);
  const file = path.join(folder, 'SKILL.md');
  try {
    // A repository can hold a link to anywhere; the user's own may lead where he wants.
    const real = physicalPath(folder);
    if (!isOfUser && (real === undefined || !isInside(realPath(root), real)))
      throw new Error('a link leads out of the project');
    mkdirSync(folder, { recursive: true });
    NamedFile.find(file, isOfUser ? [] : [root]).write(template.replaceAll('{name}', name), true);
  } catch (error) {
    const why = errorCode(error) === 'EEXIST' ? 'it exists already' : errorMessage(error);
    note(`Could not write ${sanitizeForTerminal(file)}: ${sanitizeForTerminal(why)}`);
    return 1;
  }
  out(sanitizeForTerminal(file));
  note('Write there when it is to be used, and what is to be done.');
  return 0;
}

function shownPath(file: string, { cwd }: SkillsPlan): string {
  return sanitizeForTerminal(isInside(cwd, file) ? path.relative(cwd, file) : file);
}
