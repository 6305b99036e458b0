/** The commands of a session, from files, skills and MCP servers. */
import type { McpPrompt, McpServers } from '../../mcp/mcp-servers.ts';
import type { CustomCommand } from '../../protocol/extensions.ts';
import { readIn } from '../read-place.ts';
import type { Skills } from '../skills/skills.ts';
import { argumentsIn } from './arguments.ts';
import { readCommand } from './command-file.ts';
import type { CustomCommands, ExpandedCommand } from './custom-commands.ts';
import { expandTemplate, type Filling } from './expand.ts';
import type { FoundCommand } from './find-commands.ts';

export interface CommandSources {
  readonly files: readonly FoundCommand[];
  readonly skills: Skills | undefined;
  readonly mcp: Pick<McpServers, 'prompts' | 'prompt'> | undefined;
  /** Names of oagent's own commands. */
  readonly taken: ReadonlySet<string>;
  readonly filling: (signal: AbortSignal) => Promise<Filling>;
}

export class KnownCommands implements CustomCommands {
  readonly #sources: CommandSources;

  constructor(sources: CommandSources) {
    this.#sources = sources;
  }

  get all(): readonly CustomCommand[] {
    const { files, mcp } = this.#sources;
    return [
      ...files.map(({ name, description, hint }) => ({ name, description, hint, kind: 'command' as const })),
      ...this.#skills.map(({ name, description }) => ({ name, description, kind: 'skill' as const })),
      ...(mcp?.prompts ?? []).map((prompt) => ({
        name: nameOf(prompt),
        description: prompt.description,
        hint: prompt.arguments.map((name) => `<${name}>`).join(' ') || undefined,
        kind: 'mcp' as const,
      })),
    ];
  }

  has(name: string): boolean {
    return this.all.some((command) => command.name === name);
  }

  async expand(name: string, args: string, signal: AbortSignal): Promise<ExpandedCommand> {
    const { files, mcp, filling } = this.#sources;
    const file = files.find((command) => command.name === name);
    if (file !== undefined) {
      // As it is by now: the user may be writing it.
      const { body, model, mode } = readCommand(readIn(file.place, file.file));
      const text = await expandTemplate(body, args, await filling(signal));
      const isOfProject = file.place.within !== undefined;
      return {
        text,
        mode,
        model: model === undefined ? undefined : { name: model, file: file.file, isOfProject },
      };
    }
    // The message itself calls the skill.
    if (this.#skills.some((skill) => skill.name === name)) return { text: `$${name} ${args}`.trim() };
    const prompt = mcp?.prompts.find((one) => nameOf(one) === name);
    if (mcp === undefined || prompt === undefined) throw new Error(`there is no command /${name}`);
    return { text: await mcp.prompt(prompt, argumentsIn(args), signal) };
  }

  get #skills() {
    const { skills, files, taken } = this.#sources;
    const names = new Set([...taken, ...files.map(({ name }) => name)]);
    return (skills?.all ?? []).filter(({ name }) => !names.has(name));
  }
}

/** In lower case, as what is typed is compared. */
function nameOf({ server, name }: McpPrompt): string {
  return `mcp:${server}:${name}`.toLowerCase().replaceAll(/[\s/]+/g, '-');
}
