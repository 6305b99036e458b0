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
  readonly oss?: boolean;
  readonly localProvider?: string;
  readonly strictConfig?: boolean;
  readonly fullAuto?: boolean;
  readonly askForApproval?: ApprovalPolicy;
  /** Plan mode. */
  readonly plan?: boolean;
  readonly trust?: boolean;
  readonly ignoreRules?: boolean;
  /** False: incognito. */
  readonly memories?: boolean;
  readonly enable?: readonly string[];
  readonly disable?: readonly string[];
  /** The limits of a turn; see `[limits]`. */
  readonly maxSteps?: number;
  readonly maxTime?: string;
  readonly maxTokens?: number;
  readonly dangerouslyBypassApprovalsAndSandbox?: boolean;
}

export function flagLayer(flags: SessionFlags): ConfigInput {
  const provider = flags.oss || flags.localProvider !== undefined ? 'ollama' : undefined;
  const limits = { max_steps: flags.maxSteps, max_time: flags.maxTime, max_tokens: flags.maxTokens };
  const layer: ConfigInput = {
    model: flags.model,
    model_provider: provider,
    oss_provider: provider,
    limits,
  };
  if (flags.dangerouslyBypassApprovalsAndSandbox)
    return { ...layer, sandbox_mode: 'danger-full-access', approval_policy: 'never' };
  const { sandbox, askForApproval: approval } = flags;
  if (flags.fullAuto)
    return {
      ...layer,
      sandbox_mode: sandbox ?? 'workspace-write',
      approval_policy: approval ?? 'on-request',
    };
  return { ...layer, sandbox_mode: sandbox, approval_policy: approval };
}

/** The arguments of `-c`, with the features that flags name. */
export function overridesOf({ config = [], enable = [], disable = [] }: SessionFlags): readonly string[] {
  const features = (names: readonly string[], value: boolean): string[] =>
    names.map((name) => `features.${JSON.stringify(name)}=${value}`);
  return [...config, ...features(enable, true), ...features(disable, false)];
}
