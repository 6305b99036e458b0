/** The user asked for something that cannot be done. */
export class SessionError extends Error {
  override readonly name = 'SessionError';
}
