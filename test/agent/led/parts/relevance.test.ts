import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { relevantParts } from '../../../../src/agent/led/parts/relevance.ts';
import { partText } from '../../../../src/agent/led/parts/replace.ts';
import { type Part, partsOf } from '../../../../src/agent/led/parts.ts';

const SHOP = `import os

def parse_items(text):
    items = text.split(",")
    return [item.strip() for item in items]

def add(items, item):
    items.append(item)
    return items

def total(items, taxRate):
    # With shipping.
    return sum(items) * taxRate

def report(items):
    print(len(items))
    print(total(items, 1))

if __name__ == "__main__":
    report(parse_items("a"))
    print("done")
    os.exit(0)
`;
const parts = partsOf(SHOP, 'shop.py');
const found = (message: string, budget = 10_000) =>
  relevantParts(parts, SHOP, message, budget).map(({ label }) => label);

describe('the parts that a message is about', () => {
  it.each([
    ['Fix parse_items so that it drops empty ones', ['def parse_items(text):', 'if __name__ == "__main__":']],
    ['the tax rate is ignored', ['def total(items, taxRate):']],
    ['Why is shipping free?', ['def total(items, taxRate):']],
    ['Make `total` round', ['def total(items, taxRate):', 'def report(items):']],
    ['Change add() to ignore duplicates', ['def add(items, item):']],
    ['Rename the add function', ['def add(items, item):']],
    ['Please make it better', []],
    ['', []],
  ])('%s', (message, labels) => {
    expect(found(message)).toEqual(labels);
  });

  it('weighs a rare word more than one that most parts have', () => {
    expect(found('items are reported')[0]).toBe('def report(items):');
  });

  it('leaves out what does not fit', () => {
    const second = Buffer.byteLength(partText(SHOP, parts[4] as Part));
    expect(found('Make `total` round', second)).toEqual(['def report(items):']);
    expect(found('Make `total` round', 10)).toEqual([]);
  });

  it('is within its budget, each part once, for any text', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.nat(300), (text, message, budget) => {
        const all = partsOf(text, 'a.py');
        const some = relevantParts(all, text, `${message} ${text.slice(0, 20)}`, budget);
        const size = some.reduce((sum, one) => sum + Buffer.byteLength(partText(text, one)), 0);
        expect(size).toBeLessThanOrEqual(budget);
        expect(new Set(some).size).toBe(some.length);
        expect(some.every((one) => all.includes(one))).toBe(true);
      }),
    );
  });
});
