import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/errors.ts';
import { overridesTable, parseOverride } from '../../src/config/overrides.ts';

describe('parseOverride', () => {
  test.each([
    ['model=qwen3:8b', ['model'], 'qwen3:8b'],
    ['model="qwen3:8b"', ['model'], 'qwen3:8b'],
    [" model = 'a b' ", ['model'], 'a b'],
    ['model="half', ['model'], 'half'],
    ['model=', ['model'], ''],
    ['model=a=b', ['model'], 'a=b'],
    ['model_context_window=8192', ['model_context_window'], 8192],
    ['sandbox_workspace_write.network_access=true', ['sandbox_workspace_write', 'network_access'], true],
    ['notify=["a", "b"]', ['notify'], ['a', 'b']],
    ['ollama={keep_alive = "1h", top_p = 0.5}', ['ollama'], { keep_alive: '1h', top_p: 0.5 }],
    ['projects."/a.b".trust_level="trusted"', ['projects', '/a.b', 'trust_level'], 'trusted'],
    ["projects.'/a=b' . trust_level=trusted", ['projects', '/a=b', 'trust_level'], 'trusted'],
    ['projects."\\u0041".x=1', ['projects', 'A', 'x'], 1],
    ['model_providers.my box.name=x', ['model_providers', 'my box', 'name'], 'x'],
    ['"open=x', ['"open'], 'x'],
    ['"a"b=x', ['"a"b'], 'x'],
    ['"".a=x', ['', 'a'], 'x'],
    ['model=a\nb=c', ['model'], 'a\nb=c'],
    ['model=1\nb=2', ['model'], '1\nb=2'],
  ])('reads %j', (text, path, value) => {
    expect(parseOverride(text)).toEqual({ path, value });
  });

  test.each([
    ['model', 'Invalid -c override `model`: no `=`. Write it as key=value.'],
    ['', 'Invalid -c override ``: no `=`. Write it as key=value.'],
    ['=x', 'Invalid -c override `=x`: empty key. Write it as key=value.'],
    ['a..b=x', 'Invalid -c override `a..b=x`: empty key. Write it as key=value.'],
    ['a.=\u001b[2J', 'Invalid -c override `a.=\ufffd[2J`: empty key. Write it as key=value.'],
  ])('refuses %j', (text, message) => {
    expect(() => parseOverride(text)).toThrow(new ConfigError(message));
  });
});

test('overrides make the tables they need, and the last one wins', () => {
  expect(
    overridesTable(['a.b=1', 'a.c=2', 'a.b=3', 'd=4', 'd.e=5', 'f={g = 6}', 'f.h=7', '__proto__.x=8']),
  ).toEqual(
    Object.assign(Object.create(null), {
      a: { b: 3, c: 2 },
      d: { e: 5 },
      f: { g: 6, h: 7 },
      ['__proto__']: { x: 8 },
    }),
  );
  expect(Reflect.get({}, 'x')).toBe(undefined);
});

test('any string gives a table or a ConfigError', () => {
  const awkward = fc.string({
    unit: fc.constantFrom('=', '.', '"', "'", '\\', '[', '{', '}', '\n', '#', 'a', '1', ' '),
  });
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), awkward), (text) => {
      try {
        const { path } = parseOverride(text);
        expect(path.length).toBeGreaterThan(0);
        overridesTable([text, text]);
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
      }
    }),
    { numRuns: 300 },
  );
});
