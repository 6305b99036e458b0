/** The version in package.json, inserted by the build. */
declare global {
  var OAGENT_VERSION: string | undefined;
}

export const VERSION: string = globalThis.OAGENT_VERSION ?? '0.0.0-dev';
