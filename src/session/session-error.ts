/** The user asked for something that cannot be done. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
}

/** It was asked for in the wrong way: exit code 2. */
export class UsageError extends SessionError {}
