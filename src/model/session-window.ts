/** The window of a session: the one that is wanted or, on a server that others use too, theirs. */
import { isThisMachine } from './host.ts';
import { isInUse } from './live-use.ts';
import type { ModelMeasure } from './measures.ts';
import {
  chooseWindow,
  fitFrom,
  type LoadedModel,
  serverWindowChoice,
  sharedWindow,
  type WindowChoice,
} from './window.ts';

export interface WindowFacts {
  /** oagent's own folder. */
  readonly home: string;
  /** Base URL. */
  readonly server: string;
  readonly model: string;
  /** Tokens: the user's choice, that of the Modelfile, and the model's maximum. */
  readonly configured: number | undefined;
  readonly modelfile: number | undefined;
  readonly modelMax: number | undefined;
  /** Of a server that cannot be asked for another one; see ModelFacts. */
  readonly serverWindow?: number | 'unknown' | undefined;
  /** From earlier sessions. */
  readonly known: ModelMeasure;
  /** How it is in memory now; undefined: it is not, or not known. */
  readonly loaded: LoadedModel | undefined;
  readonly mayAdopt: boolean;
}

export interface SessionWindow {
  readonly window: WindowChoice;
  /** As it would be without the others. */
  readonly wanted: WindowChoice;
  /** Somebody else has the model loaded. */
  readonly isShared: boolean;
}

export function sessionWindow(facts: WindowFacts): SessionWindow {
  const { configured, modelfile, modelMax, serverWindow, known, loaded, mayAdopt } = facts;
  if (serverWindow !== undefined) {
    const window = serverWindowChoice(serverWindow, configured, known.tooLarge);
    return { window, wanted: window, isShared: false };
  }
  const fit = fitFrom(known.loads, modelMax);
  const wanted = chooseWindow({ configured, modelfile, fit, modelMax, tooLarge: known.tooLarge });
  if (loaded === undefined || isOwnLoad(facts, loaded)) return { window: wanted, wanted, isShared: false };
  const shared = mayAdopt ? sharedWindow(wanted, loaded.numCtx) : undefined;
  return { window: shared ?? wanted, wanted, isShared: true };
}

/**
 * Whether this user's oagent has loaded the model as it is now, and none uses it any more: then it may be loaded again. Of a server on
 * another machine that cannot be known.
 */
function isOwnLoad({ home, server, model, known: { loads } }: WindowFacts, { numCtx }: LoadedModel): boolean {
  return isThisMachine(server) && loads.at(-1)?.numCtx === numCtx && !isInUse(home, { server, model });
}
