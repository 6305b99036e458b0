/** An error's own words; what was thrown and is no error, as text. For the screen it is still to be sanitised. */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
