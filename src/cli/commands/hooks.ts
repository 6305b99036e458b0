/**
 * `oagent hooks`: what is configured, what of the project is allowed, and how hooks answer. Results go to stdout, everything else to
 * stderr; what a project or a hook says is foreign text.
 */
import { setExtensionTrust } from '../../config/extension-trust.ts';
import type { HookAnswer } from '../../extensions/hooks/answer.ts';
import { HOOK_EVENTS, type Hook, isHookEvent } from '../../extensions/hooks/hook.ts';
import { SAMPLE_TOOLS, sampleRun } from '../../extensions/hooks/sample.ts';
import { SessionHooks } from '../../extensions/hooks/session-hooks.ts';
import { findHooks, type HookProject, type HookSource, hookLine } from '../../extensions/hooks/sources.ts';
import { createSandbox } from '../../safety/sandbox/probe.ts';
import { hookPlace } from '../../session/hooks.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { sanitizeForTerminal } from '../../text/sanitize.ts';

export type HooksAction =
  | { readonly name: 'list' }
  | { readonly name: 'trust'; readonly file?: string | undefined; readonly isRefusal: boolean }
  | { readonly name: 'test'; readonly event: string; readonly tool?: string | undefined };

const out = (line: string): void => void process.stdout.write(`${sanitizeForTerminal(line)}\n`);
const note = (line: string): void => void process.stderr.write(`${sanitizeForTerminal(line)}\n`);

/** @returns the exit code. @throws ConfigError if the user's word cannot be saved. */
export async function hooksCommand(action: HooksAction, plan: SessionPlan): Promise<number> {
  const { sources, warnings } = findHooks(plan);
  for (const warning of [...plan.loaded.warnings, ...warnings]) note(`warning: ${warning}`);
  switch (action.name) {
    case 'list':
      return list(sources);
    case 'trust':
      return trust(sources, plan.home, action);
    case 'test':
      return test(sources, plan, action);
    default:
      return action satisfies never;
  }
}

const STATES = {
  allowed: 'of the project, allowed',
  refused: 'of the project, refused: they are not run',
  unknown: 'of the project, not run until you allow them: oagent hooks trust',
} as const;

function list(sources: readonly HookSource[]): number {
  for (const source of sources) {
    const { project } = source;
    out(`${project?.name ?? source.file} (${project === undefined ? 'yours' : STATES[project.trust]})`);
    for (const hook of source.hooks)
      out(`  ${hookLine(hook)}${hook.isSandboxed ? '' : '  [outside the sandbox]'}`);
  }
  if (sources.length === 0) note('There are no hooks.');
  return 0;
}

function trust(
  sources: readonly HookSource[],
  home: string,
  { file, isRefusal }: Extract<HooksAction, { name: 'trust' }>,
): number {
  const trusted = isRefusal ? 'refused' : 'allowed';
  const brought = sources.flatMap(({ project }) => (project === undefined ? [] : [project]));
  const meant = brought.filter(({ name }) => file === undefined || name === file);
  if (meant.length === 0) {
    note(file === undefined ? 'The project brings no hooks.' : `The project has no hooks in ${file}.`);
    return file === undefined ? 0 : 1;
  }
  for (const project of meant) {
    say(project, trusted);
    if (project.trust !== trusted) setExtensionTrust(home, project.root, project.id, project.hash, trusted);
  }
  return 0;
}

function say({ name, lines }: HookProject, trusted: 'allowed' | 'refused'): void {
  out(`${trusted}: ${name}`);
  for (const line of lines) out(`  ${line}`);
}

async function test(
  sources: readonly HookSource[],
  plan: SessionPlan,
  { event, tool = 'Bash' }: Extract<HooksAction, { name: 'test' }>,
): Promise<number> {
  if (!isHookEvent(event)) {
    note(`error: there is no moment ${event}. There are ${HOOK_EVENTS.join(', ')}`);
    return 2;
  }
  const left = sources.filter(({ project }) => project !== undefined && project.trust !== 'allowed');
  for (const { project } of left) note(`left out, because it is not allowed: ${project?.name}`);
  let runs = 0;
  const hooks = new SessionHooks(
    sources.filter((source) => !left.includes(source)).flatMap((source) => source.hooks),
    {
      place: () => hookPlace(plan),
      sandbox: (permissions) => createSandbox(permissions),
      emit: (said) => {
        if (said.type === 'hook_ran' && said.outcome === 'message') note(said.text);
      },
      onEnd: (hook, answer, ms) => {
        runs += 1;
        show(hook, answer, ms);
      },
    },
  );
  const emit = (): void => undefined;
  await sampleRun(
    hooks,
    event,
    { tool, cwd: plan.cwd },
    { turnId: 'test', model: 'test', emit, signal: new AbortController().signal },
  );
  await hooks.close();
  if (runs === 0)
    note(
      `No hook is meant for ${event}${/Tool/.test(event) ? ` of ${tool} (--tool: ${SAMPLE_TOOLS.join(', ')}, or any name)` : ''}.`,
    );
  return 0;
}

function show({ command }: Hook, answer: HookAnswer | Error, ms: number): void {
  out(`$ ${command}`);
  if (answer instanceof Error) return out(`  failed in ${Math.round(ms)} ms: ${answer.message}`);
  const { blocked, context, stop, message, isAllowed, input } = answer;
  out(`  ended well in ${Math.round(ms)} ms`);
  const said = { blocks: blocked, 'ends the turn': stop, 'tells the model': context, 'tells you': message };
  for (const [what, text] of Object.entries(said)) if (text !== undefined) out(`  ${what}: ${text}`);
  if (isAllowed) out('  allows it without a question');
  if (input !== undefined) out(`  changes the input: ${JSON.stringify(input)}`);
}
