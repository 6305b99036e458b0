/** The message of an error, or whatever was thrown as text. Not sanitised. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
