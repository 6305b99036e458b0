/** Tasks of several steps over code and what is written about it: configuration, documents, scripts. */
import { holdsWith, json, read, run } from '../judging.ts';
import { edited, type RealTask } from '../task.ts';

const tool = {
  'repeat.py':
    'import sys\n\n\ndef main(args):\n    number = 1\n    if args and args[0] == "--num":\n        number = int(args[1])\n        args = args[2:]\n    print(" ".join(args * number))\n\n\nmain(sys.argv[1:])\n',
  'README.md':
    '# repeat\n\nPrints words several times:\n\n    python3 repeat.py --num 3 hey\n\nWithout `--num` they are printed once.\n',
  'demo.sh': 'python3 repeat.py --num 2 hey ho\n',
};

const feed = {
  'config.json': '{\n  "title": "News",\n  "source": "items.json"\n}\n',
  'feed.py':
    'import json\n\n\ndef load(name):\n    with open(name) as file:\n        return json.load(file)\n\n\nconfig = load("config.json")\nprint(config["title"])\nfor item in load(config["source"]):\n    print("- " + item)\n',
  'items.json': '["one", "two", "three", "four", "five"]\n',
};
const LIMITED = edited(
  feed,
  'feed.py',
  'load(config["source"])',
  'load(config["source"])[: config["limit"]]',
);
const feedPrints = (folder: string, lines: string) =>
  run(folder, 'python3', 'feed.py').stdout.trim().split(/\s*\n/).join(' ') === lines;

export const severalMixed: readonly RealTask[] = [
  {
    name: 'flag-py',
    kind: 'several',
    files: tool,
    prompt: 'Rename the flag --num of repeat.py to --count, everywhere it is used or described.',
    mayChange: ['repeat.py', 'README.md', 'demo.sh'],
    judge: (folder) =>
      run(folder, 'sh', 'demo.sh').stdout === 'hey ho hey ho\n' &&
      run(folder, 'python3', 'repeat.py', 'hey').stdout === 'hey\n' &&
      Object.keys(tool).every((file) => !/--num\b/.test(read(folder, file) ?? '--num')) &&
      read(folder, 'README.md')?.trimEnd() === tool['README.md'].replaceAll('--num', '--count').trimEnd(),
    reference: {
      files: Object.fromEntries(
        Object.entries(tool).map(([file, content]) => [file, content.replaceAll('--num', '--count')]),
      ),
    },
    wrong: [{ files: { 'repeat.py': tool['repeat.py'].replace('--num', '--count') } }],
  },
  {
    name: 'limit-py',
    kind: 'several',
    files: feed,
    prompt:
      'Add "limit": 3 to config.json and let feed.py print only that many items. `python3 feed.py` shows the result.',
    mayChange: ['config.json', 'feed.py'],
    judge: (folder) =>
      (json(folder, 'config.json') as { limit?: unknown }).limit === 3 &&
      feedPrints(folder, 'News - one - two - three') &&
      holdsWith(
        folder,
        'config.json',
        (config) => config.replace(/("limit":\s*)3/, '$11'),
        () => feedPrints(folder, 'News - one'),
      ),
    reference: {
      files: {
        'config.json': edited(feed, 'config.json', '"items.json"', '"items.json",\n  "limit": 3'),
        'feed.py': LIMITED,
      },
    },
    wrong: [
      { files: { 'feed.py': LIMITED.replace('config["limit"]', '3') } },
      {
        files: {
          'config.json': edited(feed, 'config.json', '"items.json"', '"items.json",\n  "limit": 3'),
          'feed.py': LIMITED.replace('config["limit"]', '3'),
        },
      },
    ],
  },
];
