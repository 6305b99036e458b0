/**
 * The process around one Chroma server: `node chroma-host.cjs ADDON DIR PORT`, started by chroma-server.ts.
 *
 * Owns: the lock of the data directory (an exclusive SQLite transaction on `chroma.lock`: the kernel frees it however
 * this process ends), `server.json` that says where the server is, and the control port. Every oagent that uses the
 * server holds a connection to the control port; when the last one is closed, this process ends, even after kill -9 of
 * them all. Invariants: one server per data directory; loopback only; `server.json` exists only while the server answers.
 * The addon has no call that stops it, and SIGTERM leaves it spinning, so the end is SIGKILL: clients have waited for
 * their writes before they let go.
 */
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const path = require('node:path');
const { DatabaseSync } = require('node:sqlite');
const { Worker } = require('node:worker_threads');

const [, , addon, dir, portText] = process.argv;
const port = Number(portText);
/** Time for a write of a killed client to finish. */
const GRACE_MS = 250;
const POLL_MS = 15;
const infoFile = path.join(dir, 'server.json');
const token = `${process.pid}-${process.hrtime.bigint()}`;

process.title = 'oagent-chroma';
const holders = new Set(['starter']);
/** The lock's connection is kept here: otherwise it would be collected, and the lock freed. */
const locks = [];
let isOver = false;

function end() {
  if (isOver) return;
  isOver = true;
  try {
    if (JSON.parse(fs.readFileSync(infoFile, 'utf8')).token === token) fs.rmSync(infoFile);
  } catch {
    // It was not written yet, or the folder is gone.
  }
  locks.length = 0;
  process.kill(process.pid, 'SIGKILL');
}

function letGo(holder) {
  holders.delete(holder);
  if (holders.size === 0) setTimeout(() => holders.size === 0 && end(), GRACE_MS);
}

/** Reports how the start went; the starter may be gone. */
function tell(message, then) {
  if (!process.connected) return then?.();
  process.send(message, () => then?.());
}

const fail = (state, reason) => tell({ state, reason }, end);

process.on('disconnect', () => letGo('starter'));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);

function takeLock() {
  fs.mkdirSync(dir, { recursive: true });
  const lock = new DatabaseSync(path.join(dir, 'chroma.lock'));
  lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  locks.push(lock);
}

function isFree() {
  return new Promise((resolve) => {
    const probe = net.createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

function isAnswering() {
  return new Promise((resolve) => {
    const request = http.get(
      { host: '127.0.0.1', port, path: '/api/v2/heartbeat', timeout: 2000 },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode === 200);
      },
    );
    request.on('error', () => resolve(false));
    request.on('timeout', () => request.destroy());
  });
}

function listenForHolders() {
  const control = net.createServer((socket) => {
    holders.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => letGo(socket));
    socket.resume();
    socket.write(`${JSON.stringify({ token, pid: process.pid })}\n`);
  });
  return new Promise((resolve) => control.listen(0, '127.0.0.1', () => resolve(control.address().port)));
}

function startChroma() {
  // A file instead of flags: with flags the server writes a kilobyte of trace for every request.
  const config = path.join(dir, 'chroma.yaml');
  const settings = { port, listen_address: '127.0.0.1', persist_path: path.join(dir, 'chroma') };
  fs.writeFileSync(config, JSON.stringify(settings));
  const code =
    'const { workerData: w } = require("node:worker_threads"); require(w.addon).cli(["chroma", "run", w.config]);';
  const worker = new Worker(code, { eval: true, workerData: { addon, config } });
  worker.on('error', (error) =>
    fail(error.code === 'ERR_DLOPEN_FAILED' ? 'unloadable' : 'failed', error.message),
  );
  worker.on('exit', () => fail('failed', 'the server ended at its start'));
}

/** The kernel's mark of when this process began; empty if there is none. */
function bornAt() {
  try {
    const stat = fs.readFileSync('/proc/self/stat', 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return '';
  }
}

async function main() {
  try {
    takeLock();
  } catch (error) {
    // 5 is SQLITE_BUSY.
    return fail(error.errcode === 5 ? 'locked' : 'failed', error.message);
  }
  fs.rmSync(infoFile, { force: true });
  if (!(await isFree())) return fail('port_taken', `port ${port} is taken`);
  startChroma();
  const controlPort = await listenForHolders();
  while (!(await isAnswering())) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  const info = { token, pid: process.pid, bornAt: bornAt(), port, controlPort };
  fs.writeFileSync(`${infoFile}.new`, JSON.stringify(info), { mode: 0o600 });
  fs.renameSync(`${infoFile}.new`, infoFile);
  tell({ state: 'ready' });
}

main().catch((error) => fail('failed', error.message));
