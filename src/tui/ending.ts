/** How a front end ends. `crash`: an exception that nobody caught. */
export type EndReason = 'quit' | 'crash' | NodeJS.Signals;

/** The signals that end the session in good order. */
export const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
