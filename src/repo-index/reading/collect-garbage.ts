/** A full collection now: V8 does not see how much a dead object holds outside of its heap. It gives this function to a new context only. */
export function collectGarbage(): void {
  // Not imported: a search mostly parses nothing.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  const { runInNewContext } = process.getBuiltinModule('node:vm');
  setFlagsFromString('--expose-gc');
  try {
    runInNewContext('gc')();
  } finally {
    setFlagsFromString('--no-expose-gc');
  }
}
