/** Images for a model that cannot see. Loaded only for them. */
import { chooseVisionModel, NO_VISION_MODEL } from '../../model/vision-model.ts';
import { connect } from '../../session/connect.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { SessionError } from '../../session/session-error.ts';
import { errorMessage } from '../../text/error-message.ts';

/** Somebody who describes images to a model that cannot see. @throws SessionError */
export async function requireEyes(model: string, plan: SessionPlan, signal: AbortSignal): Promise<void> {
  const { vision_model: wanted } = plan.loaded.config;
  const problem = `${model} cannot see images (-i)`;
  if (wanted === NO_VISION_MODEL) throw new SessionError(`${problem}, and vision_model is "none"`);
  try {
    await chooseVisionModel(connect(plan).client, wanted, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new SessionError(`${problem}: ${errorMessage(error)}`);
  }
}
