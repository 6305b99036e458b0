/** Whether a value comes from the command line: by `-c` or by a flag. @param origin as `LoadedConfig.origins` has it. */
export function isGiven(origin: string | undefined): boolean {
  return origin === '-c' || origin === 'flag';
}
