/** With what a model changes files: patches (`full`), or a tool that writes whole files and one that replaces a text (`small`). */
export const TOOL_SETS = ['full', 'small'] as const;
export type ToolSet = (typeof TOOL_SETS)[number];
