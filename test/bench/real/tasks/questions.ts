/** Questions and run-and-report: nothing may change, and the answer holds what only the files or a run tell. */
import { run } from '../judging.ts';
import type { RealTask } from '../task.ts';

const uploads = {
  'server/main.py':
    'from server.limits import check_size\nfrom server.storage import store\n\n\ndef upload(name, data):\n    check_size(data)\n    return store(name, data)\n',
  'server/limits.py':
    'from server import defaults\n\n\ndef check_size(data):\n    if len(data) > defaults.MAX_UPLOAD_MB * 1024 * 1024:\n        raise ValueError("larger than MAX_UPLOAD_MB")\n',
  'server/storage.py':
    'import os\n\nFOLDER = "uploads"\n\n\ndef store(name, data):\n    with open(os.path.join(FOLDER, name), "wb") as file:\n        file.write(data)\n',
  'server/defaults.py': 'TIMEOUT_S = 30\nMAX_UPLOAD_MB = 48\nWORKERS = 3\n',
  'server/__init__.py': '',
  'docs/limits.md':
    '# Limits\n\nAn upload may have up to MAX_UPLOAD_MB megabytes. WORKERS of them are handled at once.\n',
  'README.md': '# uploads\n\nA small server for uploads.\n',
};

const orders = {
  'orders.py':
    'def order_code(fruit, number):\n    """The code that is printed on the label."""\n    return fruit[:3].upper() + "-" + str(number).zfill(4)\n\n\ndef invoice_code(fruit, number):\n    return str(number) + "/" + fruit\n',
  'labels.py':
    'from orders import order_code\n\n\ndef label(fruit, number):\n    return "Label " + order_code(fruit, number)\n',
};

const callers = {
  'lib/port.js': 'export function openPort(number) {\n  return { number, open: true };\n}\n',
  'lib/serial.js':
    "import { openPort } from './port.js';\n\nexport function connect() {\n  return openPort(3);\n}\n",
  'lib/network.js':
    "import { openPort } from './port.js';\n\nexport function listen(number) {\n  return openPort(number);\n}\n",
  'lib/screen.js': 'export function show(text) {\n  console.log(text);\n}\n',
  'lib/clock.js': 'export function now() {\n  return Date.now();\n}\n',
  'package.json': '{ "name": "devices", "type": "module" }\n',
};

const report = {
  'report.js': `const sales = require('./sales.json');

let checksum = 7;
for (const [month, amount] of Object.entries(sales)) {
  console.log(month + ': ' + amount);
  checksum = (checksum * 33 + amount) % 65521;
}
console.log('months: ' + Object.keys(sales).length);
console.log('checksum: ' + checksum);
`,
  'sales.json': '{ "january": 1204, "february": 998, "march": 1530, "april": 1411 }\n',
};
const CHECKSUM = [1204, 998, 1530, 1411].reduce((sum, amount) => (sum * 33 + amount) % 65521, 7);

const environment = {
  'check-env.sh':
    'missing=0\nfor name in $(cat required.txt); do\n  if ! grep -q "^$name=" sample.env; then\n    echo "missing: $name"\n    missing=1\n  fi\ndone\nexit $missing\n',
  'required.txt': 'DB_URL\nMAIL_HOST\nBILLING_TOKEN\nLOG_LEVEL\n',
  'sample.env': 'LOG_LEVEL=info\nDB_URL=sqlite:app.db\nOLD_TOKEN=none\nMAIL_HOST=localhost\n',
};

const retry = {
  'retry.ts': `export interface Policy {
  readonly attempts: number;
  readonly firstDelayMs: number;
}

export const gentle: Policy = { attempts: 3, firstDelayMs: 350 };

/** Milliseconds to wait before attempt n (from 1); the first needs no wait. */
export function delayBefore(n: number, { attempts, firstDelayMs }: Policy): number {
  if (n <= 1) return 0;
  if (n > attempts) return -1;
  return firstDelayMs * 2 ** (n - 2);
}
`,
  'README.md': '# retry\n\nWaits twice as long before each further attempt.\n',
};

export const questions: readonly RealTask[] = [
  {
    name: 'which-file',
    kind: 'question',
    files: uploads,
    prompt: 'Which file sets MAX_UPLOAD_MB, and to which value?',
    mayChange: [],
    judge: (_, output) => /\bdefaults\.py\b/.test(output) && /\b48\b/.test(output),
    reference: { output: 'server/defaults.py sets MAX_UPLOAD_MB to 48.' },
    wrong: [{ output: 'server/limits.py sets it to 48.' }, { output: 'server/defaults.py sets it to 1024.' }],
  },
  {
    name: 'returns',
    kind: 'question',
    files: orders,
    prompt: 'What does order_code("kiwi", 7) in orders.py return? Change nothing.',
    mayChange: [],
    judge: (folder, output) => {
      const { stdout } = run(folder, 'python3', '-c', 'from orders import *; print(order_code("kiwi", 7))');
      return stdout.trim() === 'KIW-0007' && output.includes('KIW-0007');
    },
    reference: { output: 'It returns "KIW-0007".' },
    wrong: [{ output: '7/kiwi' }, { output: 'KIWI-0007' }],
  },
  {
    name: 'who-calls',
    kind: 'question',
    files: callers,
    prompt: 'Which files call the function openPort?',
    mayChange: [],
    judge: (_, output) => /serial/.test(output) && /network/.test(output) && !/screen|clock/.test(output),
    reference: { output: 'lib/serial.js and lib/network.js call it; it is defined in lib/port.js.' },
    wrong: [{ output: 'lib/port.js' }, { output: 'lib/serial.js, lib/network.js, lib/screen.js' }],
  },
  {
    name: 'delay-ts',
    kind: 'question',
    files: retry,
    prompt: 'With the policy gentle in retry.ts, how many milliseconds does delayBefore give for attempt 3?',
    mayChange: [],
    judge: (_, output) => /\b700\b/.test(output) && !/\b1,?400\b/.test(output),
    reference: { output: '700 ms.' },
    wrong: [{ output: '350 ms' }, { output: '1400 ms, twice 700' }],
  },
  {
    name: 'report-js',
    kind: 'question',
    files: report,
    prompt: 'Run `node report.js` and tell me the checksum.',
    mayChange: [],
    judge: (folder, output) =>
      run(folder, process.execPath, 'report.js').stdout.includes(`checksum: ${CHECKSUM}\n`) &&
      new RegExp(`\\b${CHECKSUM}\\b`).test(output),
    reference: { output: `The checksum is ${CHECKSUM}.` },
    wrong: [{ output: 'The checksum is 4.' }, { output: 'The checksum is 65521.' }],
  },
  {
    name: 'missing-sh',
    kind: 'question',
    files: environment,
    prompt: 'Run `sh check-env.sh`. Which variable is missing in sample.env? Only report it, do not add it.',
    mayChange: [],
    judge: (_, output) =>
      /BILLING_TOKEN/.test(output) && !/missing[^.\n]*(DB_URL|MAIL_HOST|LOG_LEVEL)/i.test(output),
    reference: { output: 'BILLING_TOKEN is missing.' },
    wrong: [{ output: 'Missing: OLD_TOKEN' }, { output: 'missing: DB_URL, MAIL_HOST, BILLING_TOKEN' }],
  },
];
