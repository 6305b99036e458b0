/** Tasks in Python. */
import { type WeakTask, weakTask } from './weak-task.ts';

const ACCOUNT = `class Account:
    def __init__(self, balance=0):
        self.balance = balance
        self.log = []

    def withdraw(self, amount):
        if amount > 0:
            self.balance -= amount
            self.log.append(("withdraw", amount))
            return True
        return False

    def deposit(self, amount):
        if amount > 0:
            self.balance += amount
        return self.balance
`;

const DATES = `def is_leap(year):
    return year % 4 == 0


def days_in_month(year, month):
    if month == 2:
        if is_leap(year):
            return 29
        return 28
    if month in (4, 6, 9):
        return 30
    return 31
`;

const WORDS = `import re


def count_words(text):
    counts = {}
    for word in re.findall(r"[a-z]+", text):
        if word in counts:
            counts[word] += 1
        else:
            counts[word] = 0
    return counts
`;

const READER = `def parse(text):
    settings = {}
    for line in text.splitlines():
        key, value = line.split("=")
        settings[key] = value
    return settings
`;

const MERGE = `def merge(base, other):
    for key, value in other.items():
        base[key] = value
    return base
`;

export const pythonTasks: readonly WeakTask[] = [
  weakTask({
    name: 'py-account',
    language: 'python',
    prompt:
      'withdraw in bank/account.py must refuse (return False) when the balance is too small, and deposit must be logged. Change it and run `python3 test_account.py`.',
    files: {
      'bank/__init__.py': '',
      'bank/account.py': ACCOUNT,
      'test_account.py': `from bank.account import Account

account = Account(10)
assert account.withdraw(20) is False
assert account.balance == 10
assert account.withdraw(4) is True
account.deposit(1)
assert account.log == [("withdraw", 4), ("deposit", 1)], account.log
print("ok")
`,
    },
    edits: [
      [
        'bank/account.py',
        '    def withdraw(self, amount):\n        if amount > 0:',
        '    def withdraw(self, amount):\n        if 0 < amount <= self.balance:',
      ],
      [
        'bank/account.py',
        '            self.balance += amount\n',
        '            self.balance += amount\n            self.log.append(("deposit", amount))\n',
      ],
    ],
    test: 'python3 test_account.py',
  }),
  weakTask({
    name: 'py-dates',
    language: 'python',
    prompt:
      'days_in_month is wrong for November and for February 1900. Find it, fix it, and run `python3 tests/dates.py`.',
    find: 'days_in_month',
    isPlanned: true,
    files: {
      'src/dates.py': DATES,
      'tests/dates.py': `import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "src"))
from dates import days_in_month

assert days_in_month(2023, 11) == 30
assert days_in_month(1900, 2) == 28
assert days_in_month(2000, 2) == 29
print("ok")
`,
    },
    edits: [
      [
        'src/dates.py',
        'return year % 4 == 0',
        'return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)',
      ],
      ['src/dates.py', '(4, 6, 9)', '(4, 6, 9, 11)'],
    ],
    test: 'python3 tests/dates.py',
  }),
  weakTask({
    name: 'py-words',
    language: 'python',
    prompt:
      'count_words in words.py counts one too few and misses capitals. Fix it, then run `python3 test_words.py`.',
    files: {
      'words.py': WORDS,
      'test_words.py': `from words import count_words

assert count_words("The cat and the dog") == {"the": 2, "cat": 1, "and": 1, "dog": 1}
print("ok")
`,
    },
    edits: [
      [
        'words.py',
        'text):\n        if word in counts:\n            counts[word] += 1\n        else:\n            counts[word] = 0',
        'text.lower()):\n        counts[word] = counts.get(word, 0) + 1',
      ],
    ],
    test: 'python3 test_words.py',
  }),
  weakTask({
    name: 'py-settings',
    language: 'python',
    prompt:
      'In settings/reader.py, parse must skip empty lines and comments (#) and keep "=" in values; in settings/merge.py, merge must not change base. Fix both and run `python3 test_settings.py`.',
    isPlanned: true,
    files: {
      'settings/__init__.py': '',
      'settings/reader.py': READER,
      'settings/merge.py': MERGE,
      'test_settings.py': `from settings.merge import merge
from settings.reader import parse

assert parse("a=1\\n\\n# note\\nb=x=y\\n") == {"a": "1", "b": "x=y"}
base = {"a": 1}
assert merge(base, {"b": 2}) == {"a": 1, "b": 2}
assert base == {"a": 1}
print("ok")
`,
    },
    edits: [
      [
        'settings/reader.py',
        '        key, value = line.split("=")\n',
        '        if not line or line.startswith("#"):\n            continue\n        key, value = line.split("=", 1)\n',
      ],
      [
        'settings/merge.py',
        'def merge(base, other):\n    for',
        'def merge(base, other):\n    merged = dict(base)\n    for',
      ],
      [
        'settings/merge.py',
        '        base[key] = value\n    return base',
        '        merged[key] = value\n    return merged',
      ],
    ],
    test: 'python3 test_settings.py',
  }),
];
