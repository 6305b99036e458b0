/** What a session needs to know from a command line, and the configuration layer that this makes. */
import type { ConfigInput } from '../config/schema.ts';
import type { SandboxMode } from '../protocol.ts';

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
  readonly dangerouslyBypassApprovalsAndSandbox?: boolean;
}

export function flagLayer({ model, fullAuto, sandbox, oss, localProvider }: SessionFlags): ConfigInput {
  const provider = oss || localProvider !== undefined ? 'ollama' : undefined;
  return {
    model,
    sandbox_mode: sandbox ?? (fullAuto ? 'workspace-write' : undefined),
    approval_policy: fullAuto ? 'on-request' : undefined,
    model_provider: provider,
    oss_provider: provider,
  };
}
