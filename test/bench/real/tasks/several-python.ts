/** Tasks of several steps in Python. */
import { holdsWith, python, pythonTests, read, run } from '../judging.ts';
import { edited, type RealTask } from '../task.ts';

const invoice = {
  'tax.py':
    'RATES = {"book": 7, "tool": 19}\n\n\ndef tax(kind, cents):\n    return cents * RATES[kind] // 1000\n\n\ndef kinds():\n    return sorted(RATES)\n',
  'invoice.py':
    'from tax import tax\n\n\ndef line(kind, cents, count):\n    net = cents * count\n    return net + tax(kind, net)\n\n\ndef total(lines):\n    return sum(line(*each) for each in lines)\n',
  'test_invoice.py':
    'from invoice import line, total\n\n\ndef test_line():\n    assert line("book", 1000, 2) == 2140\n\n\ndef test_total():\n    assert total([("book", 1000, 1), ("tool", 500, 2)]) == 2260\n',
  'README.md': '# invoice\n\nAmounts are whole cents. RATES are percent.\n',
};

const text = {
  'helpers.py':
    'def title(words):\n    return " ".join(word.capitalize() for word in words)\n\n\ndef rule(width):\n    return "-" * width\n',
  'main.py': 'from helpers import rule, title\n\nprint(title(["the", "report"]))\nprint(rule(10))\n',
  'report.py':
    'import helpers\n\n\ndef heading(words):\n    return helpers.title(words) + "\\n" + helpers.rule(len(" ".join(words)))\n',
  'test_report.py':
    'from report import heading\n\n\ndef test_heading():\n    assert heading(["a", "b"]) == "A B\\n---"\n',
};

const cli = {
  'cli.py': `import argparse


def message(name):
    return f"Hello, {name}!"


def main(args=None):
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    options = parser.parse_args(args)
    text = message(options.name)
    print(text)
    return text


if __name__ == "__main__":
    main()
`,
  'test_cli.py': 'from cli import main\n\n\ndef test_greets():\n    assert main(["Ada"]) == "Hello, Ada!"\n',
};
const UPPER = edited(
  {
    'cli.py': edited(
      cli,
      'cli.py',
      '("name")\n',
      '("name")\n    parser.add_argument("--upper", action="store_true")\n',
    ),
  },
  'cli.py',
  '    print(text)\n',
  '    if options.upper:\n        text = text.upper()\n    print(text)\n',
);
const UPPER_TEST = `${cli['test_cli.py']}\n\ndef test_upper():\n    assert main(["--upper", "Ada"]) == "HELLO, ADA!"\n`;

const attempts = {
  'fetch.py':
    'def fetch(get):\n    for attempt in range(3):\n        value = get()\n        if value is not None:\n            return value\n    return None\n',
  'jobs.py':
    'def run(job):\n    left = 3\n    while left > 0:\n        if job():\n            return True\n        left -= 1\n    return False\n',
  'main.py':
    'from fetch import fetch\nfrom jobs import run\n\ntries = []\nfetch(lambda: tries.append("fetch"))\nrun(lambda: tries.append("job"))\nprint(len(tries))\n',
};
const FETCH = `from limits import MAX_ATTEMPTS\n\n\n${edited(attempts, 'fetch.py', 'range(3)', 'range(MAX_ATTEMPTS)')}`;
const JOBS = `from limits import MAX_ATTEMPTS\n\n\n${edited(attempts, 'jobs.py', 'left = 3', 'left = MAX_ATTEMPTS')}`;

const legacy = {
  'main.py':
    'from greeting import hello\nfrom legacy import banner\n\nbanner()\nprint(hello("crew"))\nprint("ready")\n',
  'greeting.py': 'def hello(name):\n    return "hello " + name\n',
  'legacy.py': 'def banner():\n    print("*** old banner ***")\n',
};

export const severalPython: readonly RealTask[] = [
  {
    name: 'trace-py',
    kind: 'several',
    files: invoice,
    prompt: '`python3 -m pytest -q` fails. Find the cause and fix it. Leave the tests as they are.',
    mayChange: ['tax.py', 'invoice.py'],
    judge: (folder) =>
      pythonTests(folder, 'test_invoice', 2) &&
      python(
        folder,
        'from tax import *; from invoice import *\nassert tax("tool", 1000)==190 and tax("book", 100)==7 and kinds()==["book","tool"] and line("tool", 250, 4)==1190',
      ),
    reference: { files: { 'tax.py': edited(invoice, 'tax.py', '1000', '100') } },
    wrong: [
      { files: { 'invoice.py': edited(invoice, 'invoice.py', 'tax(kind, net)', '10 * tax(kind, net)') } },
      {
        files: {
          'test_invoice.py': invoice['test_invoice.py'].replace('2140', '2014').replace('2260', '2026'),
        },
      },
    ],
  },
  {
    name: 'move-py',
    kind: 'several',
    files: text,
    prompt:
      'Move helpers.py to lib/text.py and correct the imports in main.py and report.py. `python3 main.py` and `python3 -m pytest -q` must work as before.',
    mayChange: ['helpers.py', 'lib/text.py', 'lib/__init__.py', 'main.py', 'report.py'],
    judge: (folder) =>
      read(folder, 'helpers.py') === null &&
      /def title[\s\S]*def rule/.test(read(folder, 'lib/text.py') ?? '') &&
      run(folder, 'python3', 'main.py').stdout === 'The Report\n----------\n' &&
      pythonTests(folder, 'test_report', 1),
    reference: {
      files: {
        'helpers.py': null,
        'lib/text.py': text['helpers.py'],
        'main.py': edited(text, 'main.py', 'from helpers', 'from lib.text'),
        'report.py': text['report.py']
          .replace('import helpers', 'from lib import text')
          .replaceAll('helpers.', 'text.'),
      },
    },
    wrong: [
      { files: { 'helpers.py': null, 'lib/text.py': text['helpers.py'] } },
      {
        files: {
          'lib/text.py': text['helpers.py'],
          'main.py': edited(text, 'main.py', 'from helpers', 'from lib.text'),
        },
      },
    ],
  },
  {
    name: 'option-py',
    kind: 'several',
    files: cli,
    prompt:
      'Add an option --upper to cli.py that makes the message upper case, and a test for it in test_cli.py. `python3 -m pytest -q` must pass.',
    mayChange: ['cli.py', 'test_cli.py'],
    judge: (folder) =>
      run(folder, 'python3', 'cli.py', 'Bo').stdout === 'Hello, Bo!\n' &&
      run(folder, 'python3', 'cli.py', '--upper', 'Bo').stdout === 'HELLO, BO!\n' &&
      pythonTests(folder, 'test_cli', 2) &&
      (read(folder, 'test_cli.py') ?? '').includes('--upper'),
    reference: { files: { 'cli.py': UPPER, 'test_cli.py': UPPER_TEST } },
    wrong: [{ files: { 'cli.py': UPPER } }, { files: { 'test_cli.py': UPPER_TEST } }],
  },
  {
    name: 'constant-py',
    kind: 'several',
    files: attempts,
    prompt:
      'fetch.py and jobs.py both try three times. Put the number into a new file limits.py as MAX_ATTEMPTS = 3, and let both import it from there.',
    mayChange: ['limits.py', 'fetch.py', 'jobs.py'],
    judge: (folder) => {
      const prints = (number: string) => run(folder, 'python3', 'main.py').stdout.trim() === number;
      const more = (code: string) => code.replace(/^MAX_ATTEMPTS\s*=\s*3$/m, 'MAX_ATTEMPTS = 5');
      return prints('6') && holdsWith(folder, 'limits.py', more, () => prints('10'));
    },
    reference: { files: { 'limits.py': 'MAX_ATTEMPTS = 3\n', 'fetch.py': FETCH, 'jobs.py': JOBS } },
    wrong: [
      { files: { 'limits.py': 'MAX_ATTEMPTS = 3\n', 'fetch.py': FETCH } },
      { files: { 'limits.py': 'MAX_ATTEMPTS = 3\n' } },
    ],
  },
  {
    name: 'remove-py',
    kind: 'several',
    files: legacy,
    prompt:
      'Delete legacy.py and everything in main.py that uses it. `python3 main.py` must still print ready.',
    mayChange: ['legacy.py', 'main.py'],
    judge: (folder) =>
      read(folder, 'legacy.py') === null &&
      run(folder, 'python3', 'main.py').stdout === 'hello crew\nready\n' &&
      !/legacy|banner/.test(read(folder, 'main.py') ?? ''),
    reference: {
      files: {
        'legacy.py': null,
        'main.py': legacy['main.py'].replace('from legacy import banner\n', '').replace('banner()\n', ''),
      },
    },
    wrong: [
      { files: { 'legacy.py': null } },
      { files: { 'legacy.py': null, 'main.py': 'print("ready")\n' } },
    ],
  },
];
