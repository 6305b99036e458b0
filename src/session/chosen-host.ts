import type { ChosenModel } from '../model/choose.ts';
import type { Endpoint } from '../model/transport.ts';
import type { HostAnswer } from '../protocol.ts';

/** The host of a session, where there are several. */
export interface ChosenHost {
  readonly endpoint: Endpoint;
  readonly model: ChosenModel;
  /** What each of them has said, in the order of the configuration. */
  readonly hosts: readonly HostAnswer[];
}
