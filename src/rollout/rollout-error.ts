/** The session cannot be used; the message says why and what to do. */
export class RolloutError extends Error {
  override readonly name = 'RolloutError';
}
