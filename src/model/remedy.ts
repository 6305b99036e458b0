/** What can be done about a failed request. */

/**
 * - `fail`: another try cannot help.
 * - `retry`: the server or the connection failed; the same request may succeed.
 * - `retry_with_note`: the model wrote something that the server could not parse; tell it, then try again.
 * - `compact`: the prompt does not fit in the window; only a shorter one will.
 * - `wait`: the server is away or busy; the same request may succeed later.
 * - `smaller_window`: the model does not fit into memory with this window.
 * - `drop_image`: the server cannot read an image of the request.
 */
export type Remedy =
  | 'fail'
  | 'retry'
  | 'retry_with_note'
  | 'compact'
  | 'wait'
  | 'smaller_window'
  | 'drop_image';
