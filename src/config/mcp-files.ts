/** The files in which a project brings MCP servers. Cheap: none is opened, and nothing else of servers is loaded. */
import path from 'node:path';
import { isEntry } from './project-file.ts';
import type { Config } from './schema.ts';
import { projectFolders } from './trust.ts';

/** The later one wins. */
const FILES = [path.join('.cursor', 'mcp.json'), '.mcp.json'];

export interface McpFile {
  readonly file: string;
  /** Of the project, which the file speaks of. */
  readonly folder: string;
}

/** Those that are there, the nearest last. */
export function mcpFiles(config: Pick<Config, 'project_root_markers'>, cwd: string): McpFile[] {
  return projectFolders(config, cwd).flatMap((folder) =>
    FILES.map((name) => ({ file: path.join(folder, name), folder })).filter(({ file }) => isEntry(file)),
  );
}
