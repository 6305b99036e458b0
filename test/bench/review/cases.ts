/** Small changes as people make them, each once right and once with one bug: what a review must find, and what it must leave alone. */

export interface ReviewCase {
  readonly file: string;
  readonly before: string;
  readonly right: string;
  readonly wrong: string;
  /** In the line that is wrong. */
  readonly bug: string;
}

const TS = {
  cart: `export interface Item { price: number; count: number }

export function total(items: Item[]): number {
  let sum = 0;
  for (const item of items) sum += item.price * item.count;
  return sum;
}
`,
  users: `import { db } from './db';

export async function findUser(id: string) {
  return db.users.get(id);
}

export async function rename(id: string, name: string) {
  const user = await findUser(id);
  user.name = name;
  await db.users.put(user);
}
`,
  access: `export interface User { role: string; active: boolean }

export function canEdit(user: User): boolean {
  return user.active;
}
`,
};

export const CASES: readonly ReviewCase[] = [
  {
    file: 'src/cart.ts',
    before: TS.cart,
    right: `${TS.cart}
export function last(items: Item[]): Item | undefined {
  return items[items.length - 1];
}
`,
    wrong: `${TS.cart}
export function last(items: Item[]): Item | undefined {
  return items[items.length];
}
`,
    bug: 'items[items.length]',
  },
  {
    file: 'src/users.ts',
    before: TS.users,
    right: `${TS.users}
export async function remove(id: string) {
  const user = await findUser(id);
  if (user === undefined) return false;
  await db.users.delete(user.id);
  return true;
}
`,
    wrong: `${TS.users}
export async function remove(id: string) {
  const user = findUser(id);
  if (user === undefined) return false;
  await db.users.delete(user.id);
  return true;
}
`,
    bug: 'const user = findUser(id)',
  },
  {
    file: 'src/access.ts',
    before: TS.access,
    right: TS.access.replace(
      'return user.active;',
      "if (!user.active) return false;\n  return user.role === 'admin';",
    ),
    wrong: TS.access.replace(
      'return user.active;',
      "if (!user.active) return false;\n  return (user.role = 'admin') !== '';",
    ),
    bug: "user.role = 'admin'",
  },
  {
    file: 'app/stats.py',
    before: 'def total(values):\n    return sum(values)\n',
    right:
      'def total(values):\n    return sum(values)\n\n\ndef mean(values):\n    """The mean of the values, 0 if there are none."""\n    if not values:\n        return 0\n    return sum(values) / len(values)\n',
    wrong:
      'def total(values):\n    return sum(values)\n\n\ndef mean(values):\n    """The mean of the values, 0 if there are none."""\n    return sum(values) / len(values)\n',
    bug: 'sum(values) / len(values)',
  },
  {
    file: 'app/orders.py',
    before:
      'def by_id(connection, order_id):\n    cursor = connection.cursor()\n    cursor.execute("SELECT * FROM orders WHERE id = ?", (order_id,))\n    return cursor.fetchone()\n',
    right:
      'def by_id(connection, order_id):\n    cursor = connection.cursor()\n    cursor.execute("SELECT * FROM orders WHERE id = ?", (order_id,))\n    return cursor.fetchone()\n\n\ndef by_customer(connection, name):\n    cursor = connection.cursor()\n    cursor.execute("SELECT * FROM orders WHERE customer = ?", (name,))\n    return cursor.fetchall()\n',
    wrong:
      'def by_id(connection, order_id):\n    cursor = connection.cursor()\n    cursor.execute("SELECT * FROM orders WHERE id = ?", (order_id,))\n    return cursor.fetchone()\n\n\ndef by_customer(connection, name):\n    cursor = connection.cursor()\n    cursor.execute("SELECT * FROM orders WHERE customer = \'" + name + "\'")\n    return cursor.fetchall()\n',
    bug: 'customer = ',
  },
  {
    file: 'app/tags.py',
    before: 'def normal(tag):\n    return tag.strip().lower()\n',
    right:
      'def normal(tag):\n    return tag.strip().lower()\n\n\ndef add_tag(tag, tags=None):\n    tags = [] if tags is None else tags\n    tags.append(normal(tag))\n    return tags\n',
    wrong:
      'def normal(tag):\n    return tag.strip().lower()\n\n\ndef add_tag(tag, tags=[]):\n    tags.append(normal(tag))\n    return tags\n',
    bug: 'tags=[]',
  },
  {
    file: 'src/range.ts',
    before: 'export interface Range { from: number; to: number }\n',
    right:
      'export interface Range { from: number; to: number }\n\n/** Whether the two have a number in common. */\nexport function overlaps(a: Range, b: Range): boolean {\n  return a.from <= b.to && b.from <= a.to;\n}\n',
    wrong:
      'export interface Range { from: number; to: number }\n\n/** Whether the two have a number in common. */\nexport function overlaps(a: Range, b: Range): boolean {\n  return a.from <= b.to && a.from <= b.to;\n}\n',
    bug: 'a.from <= b.to && a.from <= b.to',
  },
  {
    file: 'lib/queue.go',
    before:
      'package lib\n\ntype Queue struct{ items []string }\n\nfunc (q *Queue) Push(item string) { q.items = append(q.items, item) }\n',
    right:
      'package lib\n\ntype Queue struct{ items []string }\n\nfunc (q *Queue) Push(item string) { q.items = append(q.items, item) }\n\n// Pop takes the first item; false if there is none.\nfunc (q *Queue) Pop() (string, bool) {\n\tif len(q.items) == 0 {\n\t\treturn "", false\n\t}\n\tfirst := q.items[0]\n\tq.items = q.items[1:]\n\treturn first, true\n}\n',
    wrong:
      'package lib\n\ntype Queue struct{ items []string }\n\nfunc (q *Queue) Push(item string) { q.items = append(q.items, item) }\n\n// Pop takes the first item; false if there is none.\nfunc (q *Queue) Pop() (string, bool) {\n\tfirst := q.items[0]\n\tq.items = q.items[1:]\n\treturn first, true\n}\n',
    bug: 'first := q.items[0]',
  },
];
