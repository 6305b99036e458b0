/**
 * Milliseconds of processor time that a piece of work takes on this thread. Unlike the time of a clock it does not grow
 * with what else the machine has to do.
 */
export function cpuTime(work: () => unknown): number {
  const before = process.threadCpuUsage();
  work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
