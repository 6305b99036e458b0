/** Where a memory is from, in one line for the user. */
export interface MemorySource {
  readonly date: string;
  readonly thread?: string | undefined;
  readonly note?: string | undefined;
  readonly project?: string | undefined;
}

export function memorySource({ date, thread, note, project }: MemorySource): string {
  const from =
    note !== undefined ? `note ${note}` : thread !== undefined ? `session ${thread}` : 'earlier session';
  return [date, from, ...(project === undefined ? [] : [`project ${project}`])].join(', ');
}
