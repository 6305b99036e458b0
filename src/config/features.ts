/** The parts that `[features]`, --enable and --disable can switch: each is another name of one of our own keys. */
export const FEATURES: readonly { readonly name: string; readonly key: readonly string[] }[] = [
  { name: 'unified_exec', key: ['tools', 'unified_exec'] },
  { name: 'code_index', key: ['index', 'enabled'] },
  { name: 'memories', key: ['memories', 'enabled'] },
];
