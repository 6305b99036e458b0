/** A user, a trusted project and their skills, on the disk. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Surroundings } from '../../../src/extensions/places.ts';
import { tempFolder } from '../../support/temp-folder.ts';

export interface Folders extends Surroundings {
  /** The user's own. */
  readonly user: string;
  readonly project: string;
}

/** @param level `unknown`: the user has not said yet whether the project is trusted. */
export async function folders(level: 'trusted' | 'untrusted' | 'unknown' = 'trusted'): Promise<Folders> {
  const base = await tempFolder();
  const [user, project] = ['user', 'project'].map((name) => path.join(base, name)) as [string, string];
  mkdirSync(path.join(project, '.git'), { recursive: true });
  mkdirSync(path.join(project, 'src/deep'), { recursive: true });
  mkdirSync(path.join(user, '.oagent'), { recursive: true });
  return {
    user,
    project,
    cwd: path.join(project, 'src'),
    home: path.join(user, '.oagent'),
    env: { HOME: user },
    trust: {
      projects: level === 'unknown' ? {} : { [project]: { trust_level: level } },
      project_root_markers: ['.git'],
    },
  };
}

/** @returns the file. */
export function put(folder: string, file: string, text: string): string {
  const whole = path.join(folder, file);
  mkdirSync(path.dirname(whole), { recursive: true });
  writeFileSync(whole, text);
  return whole;
}

export const skillMd = (name: string, description: string, body = `# ${name}\n\nDo it.`, more = ''): string =>
  `---\nname: ${name}\ndescription: ${description}\n${more}---\n\n${body}\n`;
