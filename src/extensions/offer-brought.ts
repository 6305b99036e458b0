/** Offers what a project brings to the user, one after the other, and keeps the answers. */
import { setExtensionTrust } from '../config/extension-trust.ts';
import type { OfferedExtension } from '../protocol.ts';
import { errorMessage } from '../text/error-message.ts';

/** `later`: it is offered again in the next session. */
export type Offer = (what: OfferedExtension, reason: string) => Promise<'yes' | 'no' | 'later'>;

export interface Brought extends OfferedExtension {
  /** By what the answer is kept; see extension-trust.ts. */
  readonly trust: { readonly root: string; readonly id: string; readonly hash: string };
  /** Why the user is asked: what it would be allowed to do, and where it comes from. */
  readonly reason: string;
  /** Called once, unless the answer is `later`. */
  readonly decided: (isAllowed: boolean) => void;
}

/** @param warn hears of an answer that cannot be kept; it holds for the session. */
export async function offerAll(
  brought: readonly Brought[],
  offer: Offer,
  { home, warn }: { readonly home: string; readonly warn: (message: string) => void },
): Promise<void> {
  for (const { kind, name, lines, reason, trust, decided } of brought) {
    const answer = await offer({ kind, name, lines }, reason);
    if (answer === 'later') continue;
    decided(answer === 'yes');
    try {
      const kept = answer === 'yes' ? 'allowed' : 'refused';
      setExtensionTrust(home, trust.root, trust.id, trust.hash, kept);
    } catch (error) {
      warn(errorMessage(error));
    }
  }
}
