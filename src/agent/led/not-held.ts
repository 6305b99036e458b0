/**
 * The first choice was not within its schema, so that nothing is known of what follows.
 *
 * Does not: decide what is done then (../lead-instead.ts).
 */
import type { ModelTurn } from '../../model/stream.ts';

/** The server did not hold the model to a schema: its answer may be anything. */
export class NotHeld extends Error {
  override readonly name = 'NotHeld';
  readonly turn: ModelTurn;

  constructor(turn: ModelTurn) {
    super('the server does not hold the model to a schema');
    this.turn = turn;
  }
}
