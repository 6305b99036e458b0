/** The signals that ask a program to end in good order: Ctrl+C, `kill`, and a terminal that is gone. The view, which knows nothing of the rest, has its own. */
export const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
