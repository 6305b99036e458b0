/**
 * The package as users get it: packed from what git has of this tree (HEAD and the index), and installed globally
 * into a folder of its own.
 */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** npm takes from its cache what it has, so that only the first run downloads. */
const NPM = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

export interface Installed {
  readonly base: string;
  readonly tarball: string;
  /** The files of the package, sorted. */
  readonly files: readonly string[];
  /** What a user starts. */
  readonly bin: string;
  /** The folder of the package. */
  readonly folder: string;
}

interface RunIn {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
}

function run(program: string, args: readonly string[], options: RunIn): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    ...options,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

export function packAndInstall(): Installed {
  const base = realpathSync(mkdtempSync(path.join(tmpdir(), 'oagent-package-')));
  const clone = path.join(base, 'clone');
  mkdirSync(clone);
  const tree = run('git', ['write-tree'], { cwd: ROOT }).trim();
  run('git', ['archive', '--output', path.join(base, 'tree.tar'), tree], { cwd: ROOT });
  run('tar', ['-xf', path.join(base, 'tree.tar')], { cwd: clone });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(clone, 'node_modules'));

  const [packed] = JSON.parse(
    run('npm', ['pack', '--json', ...NPM, '--pack-destination', base], { cwd: clone }),
  );
  const tarball = path.join(base, packed.filename);
  const prefix = path.join(base, 'prefix');
  run('npm', ['install', '--global', '--prefix', prefix, ...NPM, tarball], { cwd: base });
  return {
    base,
    tarball,
    files: packed.files.map((file: { path: string }) => file.path).sort(),
    bin: path.join(prefix, 'bin/oagent'),
    folder: path.join(prefix, 'lib/node_modules/oagent'),
  };
}

/** What the package prints when npx runs it, from a cache folder of its own that shares the downloads of the user's. */
export function npx({ base, tarball }: Installed, args: readonly string[], options: RunIn): string {
  const cache = path.join(base, 'npx-cache');
  mkdirSync(cache, { recursive: true });
  const downloads = path.join(run('npm', ['config', 'get', 'cache'], { cwd: base }).trim(), '_cacache');
  if (!existsSync(path.join(cache, '_cacache'))) symlinkSync(downloads, path.join(cache, '_cacache'));
  return run('npx', ['--yes', ...NPM, '--cache', cache, `--package=${tarball}`, 'oagent', ...args], options);
}

/** A folder with the examples of the package, in which it is installed. */
export function libraryUser({ base, folder }: Installed): string {
  const user = mkdtempSync(path.join(base, 'user-'));
  mkdirSync(path.join(user, 'node_modules'));
  symlinkSync(folder, path.join(user, 'node_modules/oagent'));
  cpSync(path.join(folder, 'examples'), user, { recursive: true });
  return user;
}

/** What the compiler says of a file that imports the package, with no other types around; empty: nothing. */
export function typeErrors(folder: string, file: string): string {
  const options = ['--noEmit', '--strict', '--target', 'es2024', '--lib', 'es2024', '--module', 'nodenext'];
  const compiler = path.join(ROOT, 'node_modules/.bin/tsc');
  const { stdout, stderr } = spawnSync(compiler, [...options, '--types', '', file], {
    cwd: folder,
    encoding: 'utf8',
  });
  return stdout + stderr;
}

export interface InstalledPackage {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
}

/** The packages that npm has put below `folder`. */
export function packagesBelow(folder: string): readonly InstalledPackage[] {
  const modules = path.join(folder, 'node_modules');
  const names = readdirSync(modules, { recursive: true, encoding: 'utf8' }).filter((file) =>
    /^(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+\/package\.json$/.test(file),
  );
  return names.map((file) => {
    const { name, scripts = {} } = JSON.parse(readFileSync(path.join(modules, file), 'utf8'));
    return { name, scripts };
  });
}

/**
 * The folder of a Node of exactly this version, from npm's package of it, or undefined where there is none for this
 * system or no registry.
 */
export function nodeFolder(version: string): string | undefined {
  const name = `node-${process.platform}-${process.arch}`;
  const cache = path.join(
    process.env.OAGENT_CI_CACHE ?? path.join(homedir(), '.cache/oagent-ci'),
    `node-${version}`,
  );
  mkdirSync(cache, { recursive: true });
  try {
    run('npm', ['install', '--no-save', '--prefix', cache, ...NPM, `${name}@${version}`], { cwd: cache });
    return path.join(cache, 'node_modules', name, 'bin');
  } catch (error) {
    console.warn(`SKIPPED: the package on Node ${version}, which cannot be had here. ${error}`);
    return undefined;
  }
}
