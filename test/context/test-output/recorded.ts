/**
 * Outputs of real runners, as they came, but for the paths of the machine: vitest 5.1, jest 30.5, mocha 12.0, node 24.21, tape 5.10,
 * tap 21.8, AVA 7.0, Bun 1.4, Deno 2.9, Playwright 1.65, pytest 9.2, tox 4.67, Python 3.11, cargo 1.95, cargo-nextest 0.9.148, go 1.26,
 * gotestsum 1.13, CTest 3.25, Maven 3.8 with surefire 3.2, Gradle 4.4, RSpec 3.12, Minitest 5.17, test-unit 3.5, PHPUnit 9.6, ExUnit 1.14.
 * Written after what documentation and reports of faults show, because they could not be run: dotnet-*, swift-*, pest-*, rails-*,
 * phpunit-11-*, gradle-9-* and gradle-script-broken.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { OutputCapture } from '../../../src/context/output-capture.ts';

const FOLDER = path.join(import.meta.dirname, 'recordings');

export const RECORDED: readonly string[] = readdirSync(FOLDER).map((file) => path.parse(file).name);

export function recordedBytes(name: string): Buffer {
  return readFileSync(path.join(FOLDER, `${name}.txt`));
}

/** As a terminal would show it. */
export async function shown(bytes: Buffer): Promise<string> {
  const capture = new OutputCapture({ limitBytes: 0 });
  await capture.write(bytes);
  return (await capture.finish()).displayText;
}
