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

export function flagLayer(flags: SessionFlags): ConfigInput {
  const provider = flags.oss || flags.localProvider !== undefined ? 'ollama' : undefined;
  const layer: ConfigInput = { model: flags.model, model_provider: provider, oss_provider: provider };
  if (flags.dangerouslyBypassApprovalsAndSandbox)
    return { ...layer, sandbox_mode: 'danger-full-access', approval_policy: 'never' };
  if (flags.fullAuto)
    return { ...layer, sandbox_mode: flags.sandbox ?? 'workspace-write', approval_policy: 'on-request' };
  return { ...layer, sandbox_mode: flags.sandbox };
}
