/** A real trial on a real workspace, as `/try` makes one; commands in it run by the real launcher. */
import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import { takeBase, writeBase } from '../../src/tools/trial/base.ts';
import { mountedCommand, probeTrial, type TrialPlace } from '../../src/tools/trial/mount.ts';
import { makeTrial, partOf, removeTrial } from '../../src/tools/trial/record.ts';

/** Why the kernel lets nobody make a trial here; undefined: it does. */
export async function noTrials(): Promise<string | undefined> {
  const place = newPlace();
  try {
    begin(place);
    await probeTrial(place, process.env);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    removeTrial(place.folder);
  }
}

function newPlace(): TrialPlace {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'trial-')));
  const [home, workspace] = [path.join(root, 'home'), path.join(root, 'ws')];
  for (const folder of [path.join(home, 'patches'), workspace]) mkdirSync(folder, { recursive: true });
  return { home, workspace, folder: path.join(home, 'trials', 'one') };
}

function begin({ folder, workspace }: TrialPlace): void {
  makeTrial(folder, { workspace });
  writeBase(partOf(folder, 'base'), takeBase(workspace));
}

/** @param fill makes what is there before the trial */
export function trialOf(fill: (workspace: string) => void): TrialPlace {
  const place = newPlace();
  onTestFinished(() => removeTrial(place.folder));
  fill(place.workspace);
  begin(place);
  return place;
}

/** Runs a shell script in the trial. @returns what it printed; a failure is an error */
export async function inTrial(place: TrialPlace, script: string): Promise<string> {
  return runMounted(place, ['/bin/bash', '-c', script]);
}

/** Runs a module in the trial; `home`, `folder` and `workspace` are there. */
export async function sourceInTrial(place: TrialPlace, source: string): Promise<string> {
  return runMounted(place, nodeCommand(place, source));
}

/** The same for a module in a Node of its own outside. */
export function nodeCommand(place: TrialPlace, source: string): string[] {
  const raw = path.join(import.meta.dirname, 'raw-imports.mjs');
  const src = path.join(import.meta.dirname, '../../src');
  const code = `const { home, folder, workspace } = ${JSON.stringify(place)};\n${source.replaceAll('@/', `${src}/`)}`;
  return [process.execPath, '--no-warnings', '--import', raw, '--input-type=module', '-e', code];
}

async function runMounted(place: TrialPlace, program: readonly string[]): Promise<string> {
  const [file = '', ...args] = mountedCommand(place, program, process.env);
  const { stdout } = await execa(file, args, { cwd: place.folder });
  return stdout;
}
