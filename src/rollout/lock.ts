/** One writer per session: the lock is a file next to the rollout. */
import { type HeldLock, holderOf, type Lock, LockError, lockFile } from '../system/process-lock.ts';
import { LOCK_SUFFIX } from './paths.ts';
import { RolloutError } from './rollout-error.ts';

/**
 * @throws RolloutError if there is a lock that can be neither read nor removed; a system error if the file cannot be
 * created.
 */
export function lockRollout(rollout: string): Lock {
  return explained(() => lockFile(rollout + LOCK_SUFFIX));
}

/** The process that writes to a session now; undefined: none. @throws RolloutError if that cannot be found out. */
export function lockHolder(rollout: string): HeldLock | undefined {
  return explained(() => holderOf(rollout + LOCK_SUFFIX));
}

function explained<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LockError)) throw error;
    throw new RolloutError(
      `whether another oagent has this session open cannot be found out from ${error.file}: ${error.message}. If none has, delete it`,
    );
  }
}
