/** The version, written in by the build from package.json. */
declare global {
  var OAGENT_VERSION: string | undefined;
}

export const VERSION: string = globalThis.OAGENT_VERSION ?? '0.0.0-dev';
