/**
 * Folders of a user for the escape cases, and the process that runs commands as this user.
 *
 * Outside of /tmp and $TMPDIR, which are writable roots. Everything in it belongs to the user; the host's view is
 * the test's own.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Permissions } from '../../../src/safety/permissions.ts';
import { compileCacheOf } from '../../support/compile-cache.ts';
import type { DriverAnswer, DriverRequest } from './driver.ts';

export interface User {
  readonly name: string;
  /** Undefined: the one who runs the tests. */
  readonly uid: number | undefined;
  /** All commands of a policy are in one loopback network. */
  readonly shareLoopback?: boolean;
}

export interface RunOptions
  extends Partial<Omit<DriverRequest, 'policy' | 'env' | 'argv' | 'shareLoopback'>> {
  readonly policy?: Partial<Permissions>;
  readonly env?: NodeJS.ProcessEnv;
}

export class World implements Disposable {
  readonly base: string;
  readonly ws: string;
  readonly outside: string;
  readonly tmp: string;
  readonly home: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #driver: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #shareLoopback: boolean;
  readonly #identity: { uid?: number; gid?: number };

  constructor({ uid, shareLoopback = false }: User) {
    this.#shareLoopback = shareLoopback;
    this.#identity = uid === undefined ? {} : { uid, gid: uid };
    this.base = realpathSync(mkdtempSync('/var/tmp/oagent-sandbox-'));
    chmodSync(this.base, 0o755);
    if (uid !== undefined) chownSync(this.base, uid, uid);
    this.ws = path.join(this.base, 'ws');
    this.outside = path.join(this.base, 'outside');
    this.tmp = path.join(this.base, 'tmp');
    this.home = path.join(this.base, 'user/.oagent');
    this.env = {
      PATH: '/usr/local/bin:/usr/bin:/bin',
      HOME: path.join(this.base, 'user'),
      TMPDIR: this.tmp,
      WS: this.ws,
      OUT: this.outside,
      LANG: 'C.UTF-8',
    };
    this.shell(`
      set -e
      mkdir -p ws/.oagent/scratch outside tmp user/.oagent/outputs/own user/.oagent/outputs/other user/.oagent/sessions
      echo secret > user/.oagent/auth.json; echo secret > user/.oagent/outputs/other/1; echo mine > user/.oagent/outputs/own/1
      echo secret > user/.oagent/sessions/log; echo 'model = "x"' > user/.oagent/config.toml
      echo original > outside/f; echo original > outside/g; echo original > outside/leak; chmod 644 outside/f
      echo 'key = 1' > ws/.oagent/config.toml
      ln -s ../outside ws/link-out; ln outside/g ws/hl-before
      cd ws; git init -q; echo a > a.txt; git add a.txt
      git -c user.name=t -c user.email=t@example.org commit -qm one`);
    const leak = openSync(path.join(this.outside, 'leak'), 'r+');
    this.#driver = spawn(process.execPath, ['--no-warnings', path.join(import.meta.dirname, 'driver.ts')], {
      cwd: '/',
      env: { ...this.env, NODE_COMPILE_CACHE: compileCacheOf(uid) },
      // Descriptor 9 is a file that oagent was left with by whoever started it.
      stdio: ['pipe', 'pipe', 'inherit', ...Array<'ignore'>(6).fill('ignore'), leak],
      ...this.#identity,
    });
    closeSync(leak);
    this.#driver.on('error', () => {});
    const { stdout } = this.#driver;
    if (stdout === null) throw new Error('no stdout');
    this.#answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
  }

  /** The driver's process. */
  get pid(): number {
    return this.#driver.pid ?? 0;
  }

  get policy(): Permissions {
    const { ws: cwd, home, env } = this;
    return { mode: 'workspace-write', approval: 'never', cwd, writableRoots: [], network: false, home, env };
  }

  /** Runs a bash script in the sandbox, in the workspace. One at a time. */
  async run(script: string, options: RunOptions = {}): Promise<DriverAnswer> {
    return this.exec(['bash', '-c', script], options);
  }

  async exec(argv: readonly string[], { policy, env, cwd, ...rest }: RunOptions = {}): Promise<DriverAnswer> {
    const merged = { ...this.policy, ...policy };
    const request: DriverRequest = {
      ...rest,
      argv,
      shareLoopback: this.#shareLoopback,
      policy: merged,
      cwd: cwd ?? merged.cwd,
      env: { ...this.env, ...env },
    };
    this.#driver.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value } = await this.#answers.next();
    return JSON.parse(String(value));
  }

  /** Prepares something on the host as the user, in the world's folder. Never given what a case does. */
  shell(script: string, env: NodeJS.ProcessEnv = {}): void {
    execFileSync('/bin/bash', ['-c', script], {
      cwd: this.base,
      env: { ...this.env, ...env },
      ...this.#identity,
    });
  }

  /** The content of a file of the host, undefined if there is none. Relative to the world's folder. */
  read(file: string): string | undefined {
    const full = path.resolve(this.base, file);
    return existsSync(full) ? readFileSync(full, 'utf8') : undefined;
  }

  has(file: string): boolean {
    return existsSync(path.resolve(this.base, file));
  }

  [Symbol.dispose](): void {
    this.#driver.stdin?.end();
    // A case leaves copies of hidden folders, which only root can remove as they are.
    this.shell('chmod -R u+rwX .');
    rmSync(this.base, { recursive: true, force: true });
  }
}
