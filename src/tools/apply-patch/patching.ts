/** Tools that do nothing but apply a patch. */
export const PATCHING: ReadonlySet<string> = new Set(['apply_patch', 'edit_file', 'write_file']);
