/** What a session needs to know from a command line, and the configuration layer that this makes. */
import type { ConfigInput } from '../config/schema.ts';
import type { ApprovalPolicy, SandboxMode } from '../protocol.ts';

export interface SessionFlags {
  readonly config?: readonly string[];
  readonly model?: string;
  readonly profile?: string;
  readonly sandbox?: SandboxMode;
  readonly cd?: string;
  readonly addDir?: readonly string[];
  readonly image?: readonly string[];
  readonly askForApproval?: ApprovalPolicy;
  /** Of `[features]`. */
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  /** Remembers the project as trusted. */
  readonly trust?: boolean;
  readonly ignoreRules?: boolean;
  readonly oss?: boolean;
  readonly localProvider?: string;
  readonly strictConfig?: boolean;
  readonly fullAuto?: boolean;
  readonly dangerouslyBypassApprovalsAndSandbox?: boolean;
}

export function flagLayer(flags: SessionFlags): ConfigInput {
  const provider = flags.oss || flags.localProvider !== undefined ? 'ollama' : undefined;
  const layer: ConfigInput = { model: flags.model, model_provider: provider, oss_provider: provider };
  if (flags.dangerouslyBypassApprovalsAndSandbox)
    return { ...layer, sandbox_mode: 'danger-full-access', approval_policy: 'never' };
  if (flags.fullAuto)
    return {
      ...layer,
      sandbox_mode: flags.sandbox ?? 'workspace-write',
      approval_policy: flags.askForApproval ?? 'on-request',
    };
  return { ...layer, sandbox_mode: flags.sandbox, approval_policy: flags.askForApproval };
}

/** What `-c`, `--enable` and `--disable` set. */
export function overridesOf({ config = [], enable = [], disable = [] }: SessionFlags): readonly string[] {
  const set = (value: boolean) => (name: string) => `features.${JSON.stringify(name)}=${value}`;
  return [...config, ...enable.map(set(true)), ...disable.map(set(false))];
}
