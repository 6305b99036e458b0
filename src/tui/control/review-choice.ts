/** `/review` without words: asks which changes, and of which branch or commit. */
import type { WantedChanges } from '../../protocol.ts';
import { errorMessage } from '../../text/error-message.ts';
import { reviewTurn } from '../../text/review-words.ts';
import {
  branchItems,
  commitItems,
  openNamePicker,
  openReviewPicker,
  REVIEW_DRAFT,
  type ReviewChoice,
} from '../overlay/review-picker.ts';
import type { AppPort } from './app-port.ts';
import { pickerOverlay } from './dialog-overlay.ts';

type Port = Pick<AppPort, 'services' | 'composer' | 'submit' | 'open' | 'warn' | 'changed'>;

export function openReviewChoice(app: Port): void {
  const choose = (id: string): void => {
    const choice = id as ReviewChoice;
    if (choice === 'uncommitted') app.submit(reviewTurn({ changes: { type: 'uncommitted' } }));
    else if (choice === 'words') app.composer.paste(REVIEW_DRAFT);
    else askName(app, choice).catch((error: unknown) => app.warn(errorMessage(error)));
  };
  app.open(pickerOverlay(openReviewPicker(), choose));
}

async function askName(app: Port, type: 'base' | 'commit'): Promise<void> {
  const { services } = app;
  const items =
    type === 'base' ? branchItems(await services.gitBranches()) : commitItems(await services.gitCommits());
  const choose = (name: string): void => {
    const changes: WantedChanges = { type, name };
    app.submit(reviewTurn({ changes }));
  };
  app.open(pickerOverlay(openNamePicker(type, items), choose));
  app.changed();
}
