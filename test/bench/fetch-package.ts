/**
 * The sources of a published package, in a folder. Runs nothing of the package.
 *
 * Invariants: a pinned version; an archive without a folder of its own around the sources is taken as it is.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PackageQuestions } from './user-questions.ts';

type Package = Pick<PackageQuestions, 'registry' | 'name' | 'version' | 'leftOut'>;

/** @param target is made. @throws Error if the registry does not give the package. */
export async function fetchPackage(one: Package, target: string): Promise<void> {
  const url = await addressOf(one);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status} ${response.statusText}`);
  const unpacked = `${target}.unpacked`;
  mkdirSync(unpacked, { recursive: true });
  const archive = `${target}.archive`;
  writeFileSync(archive, Buffer.from(await response.arrayBuffer()));
  if (/\.(?:zip|jar)$/.test(url)) execFileSync('unzip', ['-q', archive, '-d', unpacked]);
  else execFileSync('tar', ['-xzf', archive, '-C', unpacked]);
  cpSync(sourcesIn(unpacked, one), target, { recursive: true });
  for (const name of one.leftOut ?? []) rmSync(path.join(target, name), { recursive: true, force: true });
  for (const name of [archive, unpacked]) rmSync(name, { recursive: true, force: true });
}

async function addressOf({ registry, name, version }: Package): Promise<string> {
  const base = path.posix.basename(name);
  if (registry === 'npm') return `https://registry.npmjs.org/${name}/-/${base}-${version}.tgz`;
  if (registry === 'crates') return `https://static.crates.io/crates/${name}/${name}-${version}.crate`;
  if (registry === 'go') return `https://proxy.golang.org/${name}/@v/${version}.zip`;
  if (registry === 'maven') {
    const [group = '', artifact = ''] = name.split(':');
    const folder = `${group.replaceAll('.', '/')}/${artifact}/${version}`;
    return `https://repo1.maven.org/maven2/${folder}/${artifact}-${version}-sources.jar`;
  }
  const page = await (await fetch(`https://pypi.org/simple/${name}/`)).text();
  const file = new RegExp(`href="([^"#]*/${name}-${version.replaceAll('.', '\\.')}\\.tar\\.gz)`).exec(
    page,
  )?.[1];
  if (file === undefined) throw new Error(`pypi.org has no sources of ${name} ${version}`);
  return file;
}

/** Archives of all registries but Maven's have the sources in one folder, or in the folders of the module's name. */
function sourcesIn(unpacked: string, { registry, name, version }: Package): string {
  if (registry === 'maven') return unpacked;
  const module = path.join(unpacked, `${name}@${version}`);
  if (registry === 'go' && existsSync(module)) return module;
  const [only] = readdirSync(unpacked);
  return path.join(unpacked, only ?? '');
}
