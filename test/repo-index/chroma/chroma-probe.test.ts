import { expect, test } from 'vitest';
import { findAddon, loadFailure } from '../../../src/repo-index/chroma/chroma-probe.ts';

test('a system that is too old for Chroma is no fault; an addon that somebody named and that does not load is', () => {
  expect([
    loadFailure(
      "Error: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by /x.node)",
    ),
    loadFailure('Error: /x.node: file too short'),
    findAddon('/nowhere/x.node'),
  ]).toEqual([
    {
      unavailable: "Chroma's server needs glibc 2.38 or later, which this system does not have",
      cause: 'unsupported',
    },
    { unavailable: "Chroma's server cannot be loaded: Error: /x.node: file too short", cause: 'unloadable' },
    { unavailable: 'there is no Chroma addon at /nowhere/x.node', cause: 'unloadable' },
  ]);
});
