/** Tasks of one step in data files, Markdown, and whole files: create, move, delete. */
import { json, python, read } from '../judging.ts';
import { edited, type RealTask } from '../task.ts';

const project = {
  'pyproject.toml':
    '[project]\nname = "harbour"\nversion = "0.4.1"\nrequires-python = ">=3.9"\n\n[tool.builder]\nversion = "2.0"\nstrict = true\n',
  'harbour.py': 'def ships():\n    return ["Aurora", "Beagle"]\n',
};

const stock = {
  'stock.csv': 'name,count,price\napple,40,0.25\nbanana,15,0.20\n',
  'total.py':
    'import csv\n\nwith open("stock.csv") as file:\n    rows = list(csv.DictReader(file))\nprint(sum(int(row["count"]) * float(row["price"]) for row in rows))\n',
};

const app = {
  'app.ini':
    '[server]\nhost = 127.0.0.1\nport = 8080\n\n[metrics]\nhost = 127.0.0.1\nport = 9090\n\n[log]\nlevel = info\n',
  'README.md': '# app\n\nSettings are in app.ini.\n',
};

const todo = {
  'TODO.md':
    '# To do\n\n## Before the release\n\n- [x] Fix the login page\n- [ ] Write the tests\n- [ ] Update the screenshots\n\n## After the release\n\n- [ ] Write the announcement\n',
};

const trip = {
  'notes/packing.txt': 'tent\nstove\nrope\n',
  'notes/route.txt': 'Day 1: to the hut\n',
  'archive/2019.txt': 'old trip\n',
};

const settings = {
  'settings.json':
    '{\n  "theme": "dark",\n  "retries": 5,\n  "editor": {\n    "tabSize": 4,\n    "wrap": true\n  }\n}\n',
  'README.md': '# settings\n\nAll settings are in settings.json.\n',
};

const guide = {
  'GUIDE.md':
    '# Guide\n\n## Install\n\nRun `make install`.\n\n## Configure\n\nCopy `sample.env` to `.env`.\n\n## Support\n\nWrite to help@old.example.\n',
  'CONTACT.md': '# Contact\n\nhelp@new.example\n',
};

/** Python that parses a CSV, INI or TOML file and asserts. */
const STOCK_CHECK = `import csv
rows = list(csv.DictReader(open("stock.csv", newline="")))
assert rows == [
    {"name": "apple", "count": "40", "price": "0.25"},
    {"name": "banana", "count": "15", "price": "0.20"},
    {"name": "cherry", "count": "12", "price": "0.30"},
], rows`;
const INI_CHECK = `import configparser
c = configparser.ConfigParser()
c.read("app.ini")
assert {s: dict(c[s]) for s in c.sections()} == {
    "server": {"host": "127.0.0.1", "port": "8443"},
    "metrics": {"host": "127.0.0.1", "port": "9090"},
    "log": {"level": "info"},
}`;
const TOML_CHECK = `import tomllib
t = tomllib.load(open("pyproject.toml", "rb"))
assert t == {
    "project": {"name": "harbour", "version": "0.5.0", "requires-python": ">=3.9"},
    "tool": {"builder": {"version": "2.0", "strict": True}},
}`;

export const dataSteps: readonly RealTask[] = [
  {
    name: 'toml',
    kind: 'one',
    files: project,
    prompt: 'Set the version of the project in pyproject.toml to 0.5.0.',
    mayChange: ['pyproject.toml'],
    judge: (folder) => python(folder, TOML_CHECK),
    reference: { files: { 'pyproject.toml': edited(project, 'pyproject.toml', '0.4.1', '0.5.0') } },
    wrong: [
      {
        files: {
          'pyproject.toml': project['pyproject.toml'].replace(/version = ".*"/g, 'version = "0.5.0"'),
        },
      },
    ],
  },
  {
    name: 'csv',
    kind: 'one',
    files: stock,
    prompt: 'Add a third row to stock.csv: cherry, count 12, price 0.30.',
    mayChange: ['stock.csv'],
    judge: (folder) => python(folder, STOCK_CHECK),
    reference: { files: { 'stock.csv': `${stock['stock.csv']}cherry,12,0.30\n` } },
    wrong: [
      { files: { 'stock.csv': `${stock['stock.csv']}cherry,0.30,12\n` } },
      { files: { 'stock.csv': `${stock['stock.csv']}cherry, 12, 0.30\n` } },
    ],
  },
  {
    name: 'ini',
    kind: 'one',
    files: app,
    prompt: 'Let the server in app.ini listen on port 8443. The metrics keep their port.',
    mayChange: ['app.ini'],
    judge: (folder) => python(folder, INI_CHECK),
    reference: { files: { 'app.ini': edited(app, 'app.ini', '8080', '8443') } },
    wrong: [{ files: { 'app.ini': app['app.ini'].replace(/8080|9090/g, '8443') } }],
  },
  {
    name: 'checklist',
    kind: 'one',
    files: todo,
    prompt: 'In TODO.md, tick off "Write the tests".',
    mayChange: ['TODO.md'],
    judge: (folder) =>
      read(folder, 'TODO.md')?.trimEnd().replace('[X]', '[x]') ===
      todo['TODO.md'].replace('[ ] Write the tests', '[x] Write the tests').trimEnd(),
    reference: {
      files: { 'TODO.md': edited(todo, 'TODO.md', '[ ] Write the tests', '[x] Write the tests') },
    },
    wrong: [{ files: { 'TODO.md': todo['TODO.md'].replaceAll('[ ]', '[x]') } }],
  },
  {
    name: 'contact-md',
    kind: 'one',
    files: guide,
    prompt:
      'The address in the section Support of GUIDE.md is out of date. Put the one from CONTACT.md there.',
    mayChange: ['GUIDE.md'],
    judge: (folder) =>
      read(folder, 'GUIDE.md')?.trimEnd() === guide['GUIDE.md'].replace('old.', 'new.').trimEnd(),
    reference: { files: { 'GUIDE.md': edited(guide, 'GUIDE.md', 'help@old', 'help@new') } },
    wrong: [{ files: { 'GUIDE.md': `${guide['GUIDE.md']}help@new.example\n` } }],
  },
  {
    name: 'nested-json',
    kind: 'one',
    files: settings,
    prompt: 'In settings.json, set tabSize to 2 and add "rulers": [80, 110] to the editor settings.',
    mayChange: ['settings.json'],
    judge: (folder) =>
      isEqual(json(folder, 'settings.json'), {
        theme: 'dark',
        retries: 5,
        editor: { tabSize: 2, wrap: true, rulers: [80, 110] },
      }),
    reference: {
      files: {
        'settings.json': edited(
          settings,
          'settings.json',
          '4,\n    "wrap": true',
          '2,\n    "wrap": true,\n    "rulers": [80, 110]',
        ),
      },
    },
    wrong: [
      {
        files: {
          'settings.json': edited(
            settings,
            'settings.json',
            '  "theme"',
            '  "tabSize": 2, "rulers": [80, 110],\n  "theme"',
          ),
        },
      },
    ],
  },
  {
    name: 'already-json',
    kind: 'one',
    files: settings,
    prompt: 'Make sure that retries is 5 in settings.json.',
    mayChange: ['settings.json'],
    isDoneAtStart: true,
    // Written again with the same content is as good.
    judge: (folder) =>
      isEqual(json(folder, 'settings.json'), {
        theme: 'dark',
        retries: 5,
        editor: { tabSize: 4, wrap: true },
      }),
    reference: { output: 'retries is 5 already.' },
    wrong: [{ files: { 'settings.json': '{ "retries": 5 }\n' } }],
  },
  {
    name: 'create-json',
    kind: 'one',
    files: project,
    prompt: 'Create config/default.json, an object with two keys: name is "harbour", debug is false.',
    mayChange: ['config/default.json'],
    judge: (folder) => isEqual(json(folder, 'config/default.json'), { debug: false, name: 'harbour' }),
    reference: { files: { 'config/default.json': '{ "name": "harbour", "debug": false }\n' } },
    wrong: [
      { files: { 'config/default.json': '{ "name": "harbour", "debug": "false" }\n' } },
      { files: { 'default.json': '{ "name": "harbour", "debug": false }\n' } },
    ],
  },
  {
    name: 'move',
    kind: 'one',
    files: trip,
    prompt: 'Move notes/packing.txt into the folder archive.',
    mayChange: ['notes/packing.txt', 'archive/packing.txt'],
    judge: (folder) =>
      read(folder, 'notes/packing.txt') === null &&
      read(folder, 'archive/packing.txt') === trip['notes/packing.txt'],
    reference: { files: { 'notes/packing.txt': null, 'archive/packing.txt': trip['notes/packing.txt'] } },
    wrong: [
      { files: { 'archive/packing.txt': trip['notes/packing.txt'] } },
      { files: { 'notes/packing.txt': null, 'archive/packing.txt': 'tent\n' } },
    ],
  },
  {
    name: 'delete-two',
    kind: 'one',
    files: { ...trip, 'tmp/a.log': 'a\n', 'tmp/b.log': 'b\n', 'tmp/keep.txt': 'keep\n' },
    prompt: 'Delete the two log files in the folder tmp.',
    mayChange: ['tmp/a.log', 'tmp/b.log'],
    judge: (folder) => read(folder, 'tmp/a.log') === null && read(folder, 'tmp/b.log') === null,
    reference: { files: { 'tmp/a.log': null, 'tmp/b.log': null } },
    wrong: [
      { files: { 'tmp/a.log': null } },
      { files: { 'tmp/a.log': null, 'tmp/b.log': null, 'tmp/keep.txt': null } },
    ],
  },
];

/** Equal but for the order of keys. */
function isEqual(left: unknown, right: unknown): boolean {
  return JSON.stringify(sorted(left)) === JSON.stringify(sorted(right));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, held]) => [key, sorted(held)] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}
