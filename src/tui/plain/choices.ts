/** The dialogs of a session as numbered lists. */

import type { McpServerInfo } from '../../protocol/extensions.ts';
import type { RewindWhat } from '../../protocol/sessions.ts';
import type { ApprovalRequest, Event, Item, Op, SessionMode, WantedChanges } from '../../protocol.ts';
import { errorMessage } from '../../text/error-message.ts';
import { reviewTurn, typedReview } from '../../text/review-words.ts';
import { oneLine } from '../lines/clean.ts';
import { shortPath } from '../lines/short-path.ts';
import type { LineContext } from '../lines/style.ts';
import { approvalOptions, optionText } from '../overlay/approval.ts';
import { approvalFullLines, approvalLabel, approvalTitle } from '../overlay/approval-lines.ts';
import { aboutServer, openMcp, openMcpServer, START_MCP, serverItems } from '../overlay/mcp-picker.ts';
import { memoryAction, openMemories, openMemory } from '../overlay/memory-picker.ts';
import { effortItems, type ModelEntry, modelEntry, modelItems, pullNameOf } from '../overlay/model-items.ts';
import { confirmation, nextMode, openPermissions, PRESETS } from '../overlay/permissions.ts';
import type { PickerItem } from '../overlay/picker.ts';
import { PLAN_OPTIONS, type PlanChoice } from '../overlay/plan-choice.ts';
import { openResumePicker } from '../overlay/resume-picker.ts';
import {
  branchItems,
  commitItems,
  NAME_TITLES,
  REVIEW_ITEMS,
  REVIEW_TITLE,
} from '../overlay/review-picker.ts';
import { NOTHING_LEFT, REWIND_TITLE, rewindChoices, rewindItems, UNDO } from '../overlay/rewind-picker.ts';
import { reportLines, trialOptions, trialTitle } from '../overlay/trial-choice.ts';
import { TRUST_MEANING, TRUST_OPTIONS, type TrustResult } from '../overlay/trust.ts';
import type { MemoryReport, MemoryServices, Services, TriedReport } from '../ports.ts';
import type { Question } from './asking.ts';
import { indented } from './item-words.ts';
import { inWords } from './words.ts';

const MOST_SESSIONS = 20;
/** No id of a session. */
const OF_EXEC = '';
const MOST_PROMPTS = 9;
const MOST_MEMORIES = 20;
const MOST_NAMES = 20;

interface Prompts {
  readonly items: readonly Item[];
  readonly promptsFrom: (id: string) => number;
}

export interface Asker {
  submit(op: Op): void;
  readonly ask: (question: Question) => void;
  readonly write: (prompt: string, done: (text: string) => void) => void;
  say(text: string): void;
}

export function approvalQuestion(request: ApprovalRequest, app: Asker, ctx: LineContext): Question {
  const { id, kind } = request;
  const answer = (given: Extract<Op, { type: 'approval' }>['answer']): void =>
    app.submit({ type: 'approval', id, answer: given });
  const choices = approvalOptions(request).map((choice) => ({
    label: approvalLabel(choice, request),
    choose: (): void => {
      if (choice === 'instead') {
        const prompt = kind === 'question' ? 'Your answer' : 'What to do instead';
        app.write(prompt, (text) => answer(text === '' ? { type: 'no' } : { type: 'no', instead: text }));
      } else if (choice.startsWith('option ')) {
        answer({ type: 'option', option: optionText(choice as `option ${number}`, request) });
      } else answer({ type: choice as 'once' | 'session' | 'prefix' | 'stop' });
    },
  }));
  const subject = approvalFullLines(request, ctx);
  return {
    id,
    lines: [approvalTitle(request, ctx), ...(kind === 'question' ? indented(subject) : subject)],
    choices,
    text: 'message',
    leave: () => answer({ type: 'stop' }),
  };
}

export function trustQuestion(root: string, home: string, answer: (result: TrustResult) => void): Question {
  return {
    lines: ['Do you trust this folder?', shortPath(root, { cwd: '', home }), TRUST_MEANING],
    choices: TRUST_OPTIONS.map(([result, label]) => ({ label, choose: () => answer(result) })),
    text: 'refused',
    leave: () => answer('quit'),
  };
}

/** @param look shows the changes; the question comes again. */
export function trialQuestion(
  report: TriedReport,
  { decide, look }: { decide: (choice: 'keep' | 'others' | 'drop') => void; look: () => void },
): Question {
  return {
    lines: [trialTitle(report), ...reportLines(report)],
    choices: trialOptions(report).map(([choice, label]) => ({
      label,
      choose: (): void => {
        if (choice === 'look') look();
        else if (choice !== 'on') decide(choice);
      },
    })),
    text: 'ends',
    leave: () => undefined,
  };
}

/** @param before what was allowed before plan mode. */
export function planQuestion(app: Asker, before: SessionMode | undefined, now: SessionMode): Question {
  const choose: { readonly [choice in PlanChoice]: () => void } = {
    here: () => app.submit({ type: 'carry_out_plan', isFresh: false }),
    fresh: () => app.submit({ type: 'carry_out_plan', isFresh: true }),
    revise: () => app.say('Write what should be different.'),
    leave: () => app.submit({ type: 'set_permissions', ...(before ?? nextMode(now)) }),
  };
  return {
    lines: ['What becomes of the plan?'],
    choices: PLAN_OPTIONS.map(([choice, label]) => ({ label, choose: choose[choice] })),
    text: 'ends',
    leave: () => undefined,
  };
}

export function permissionsQuestion(app: Asker, current: SessionMode): Question {
  const { title, items } = openPermissions(current).picker;
  return listQuestion(app, [title], items, (id) => {
    const preset = PRESETS.find((known) => known.id === id);
    if (preset === undefined) return;
    const set = (): void => app.submit({ type: 'set_permissions', ...preset.permissions });
    if (id !== 'full-access') return set();
    const { title: sure, note = '', items: answers } = confirmation();
    app.ask(listQuestion(app, [sure, note], answers, (answer) => answer === 'yes' && set()));
  });
}

interface Stored {
  readonly title: string;
  readonly sessions: Extract<Event, { type: 'sessions' }>['sessions'];
  readonly home: string;
  readonly hasExec: boolean | undefined;
}

/** Those of `exec` come only when they are asked for. @param then what the choice leads to. */
export function sessionQuestion(
  app: Asker,
  { title, sessions, home, hasExec }: Stored,
  then: (session: string) => void,
): Question {
  const { items, other } = openResumePicker(sessions, { now: Date.now(), home, hasExec });
  const hidden = other === undefined || hasExec === true ? [] : [{ id: OF_EXEC, label: 'Those of exec too' }];
  return sessionList(app, title, [items, hidden], (id) => {
    if (id !== OF_EXEC) then(id);
    else app.ask(sessionList(app, title, [other?.items ?? [], []], then));
  });
}

/** Of the first list the newest are listed. */
function sessionList(
  app: Asker,
  title: string,
  [sessions, others]: readonly [readonly PickerItem[], readonly PickerItem[]],
  choose: (id: string) => void,
): Question {
  const isCut = sessions.length > MOST_SESSIONS;
  const more = isCut ? [`The newest ${MOST_SESSIONS} of ${sessions.length}; oagent sessions lists all.`] : [];
  return listQuestion(app, [title, ...more], [...sessions.slice(0, MOST_SESSIONS), ...others], choose);
}

interface Remembered {
  readonly report: MemoryReport;
  readonly memories: Pick<MemoryServices, 'forget' | 'switchFolder'>;
  readonly isIncognito: boolean;
  readonly warn: (error: unknown) => void;
}

/** Of what is remembered the first are listed; one that is chosen is shown whole, and can be forgotten. */
export function memoriesQuestion(app: Asker, { report, memories, isIncognito, warn }: Remembered): Question {
  const entries = report.entries.slice(0, MOST_MEMORIES);
  const { title, note = '', items } = openMemories({ ...report, entries }, { isIncognito });
  const say = (work: Promise<string>): void => void work.then((said) => app.say(said), warn);
  const more =
    entries.length === report.entries.length
      ? ''
      : `The first ${MOST_MEMORIES} of ${report.entries.length}; oagent memories lists all.`;
  const lines = [title, note, more].filter((line) => line !== '');
  return listQuestion(app, lines, items, (id) => {
    const action = memoryAction(id);
    if (action.type === 'incognito') return app.submit({ type: 'go_incognito' });
    if (action.type === 'switch') return say(memories.switchFolder(action.isOn));
    const entry = entries.find(({ key }) => key === action.key);
    if (entry === undefined) return;
    const [forget] = openMemory(entry).items;
    const about = [entry.text, entry.detail].map((line) => oneLine(line));
    app.ask(listQuestion(app, about, forget ? [forget] : [], () => say(memories.forget(entry.key))));
  });
}

/** The servers with their states; one that is chosen is shown whole, and can be started. */
export function mcpQuestion(app: Asker, servers: readonly McpServerInfo[], home: string): Question {
  const { title, note = '', items } = openMcp(servers);
  return listQuestion(app, note === '' ? [title] : [title, note], items, (name) => {
    const server = servers.find((one) => one.name === name);
    if (server === undefined) return;
    const about = [openMcpServer(server, home).title, ...aboutServer(server, home)].map((line) =>
      oneLine(line),
    );
    const choices = serverItems(server).filter(({ id }) => id !== 'back');
    app.ask(
      listQuestion(app, about, choices, (id) => {
        if (id === START_MCP) app.submit({ type: 'start_mcp', server: name });
      }),
    );
  });
}

/** Goes back to an earlier message: it and what followed is dropped. */
export function backQuestion(app: Asker, { items, promptsFrom }: Prompts): Question | undefined {
  const prompts = items
    .filter((item) => item.type === 'user_message')
    .slice(-MOST_PROMPTS)
    .reverse();
  if (prompts.length === 0) return undefined;
  const entries = prompts.map(({ id, text }) => ({ id, label: oneLine(text, 200) }));
  return listQuestion(app, ['Back to which message? It and all that followed is dropped.'], entries, (id) =>
    app.submit({ type: 'rollback', userTurns: promptsFrom(id) }),
  );
}

/** Goes back to before a message: files, talk, or both. */
export function rewindQuestion(
  app: Asker,
  { points, canUndo }: Extract<Event, { type: 'rewind_points' }>,
): Question {
  const items = rewindItems(points, canUndo).slice(0, MOST_PROMPTS);
  return listQuestion(app, [REWIND_TITLE], items, (itemId) => {
    if (itemId === UNDO) return app.submit({ type: 'undo_rewind' });
    const taken = points.slice(points.findIndex((point) => point.itemId === itemId));
    const [point] = taken;
    if (point === undefined || taken.every(({ files }) => files === 0)) {
      if (point?.isSummarised) return app.say(NOTHING_LEFT);
      return app.submit({ type: 'rewind', itemId, what: 'talk' });
    }
    app.ask(
      listQuestion(app, ['Put back what?'], rewindChoices(point), (what) =>
        app.submit({ type: 'rewind', itemId, what: what as RewindWhat }),
      ),
    );
  });
}

/** Which changes are reviewed; the newest commits and the first branches are listed. */
export function reviewQuestion(app: Asker, services: ReviewServices): Question {
  const review = (changes: WantedChanges): void => app.submit(reviewTurn({ changes }));
  const askName = async (type: 'base' | 'commit'): Promise<void> => {
    const items =
      type === 'base' ? branchItems(await services.gitBranches()) : commitItems(await services.gitCommits());
    app.ask(
      listQuestion(app, [NAME_TITLES[type]], items.slice(0, MOST_NAMES), (name) => review({ type, name })),
    );
  };
  return listQuestion(app, [REVIEW_TITLE], REVIEW_ITEMS, (choice) => {
    if (choice === 'uncommitted') return review({ type: 'uncommitted' });
    if (choice === 'words')
      return app.write('What to look for', (text) => app.submit(reviewTurn(typedReview(text))));
    askName(choice as 'base' | 'commit').catch((error: unknown) => app.say(errorMessage(error)));
  });
}

type ReviewServices = Pick<Services, 'gitBranches' | 'gitCommits'>;

/**
 * @param app `pull` begins a download, after which the model is used.
 * @param byItself nobody has asked for it: text is a message.
 */
export function modelQuestion(
  app: Asker & { readonly pull: (name: string) => void },
  { models }: Extract<Event, { type: 'models' }>,
  { current, byItself }: { readonly current: string | undefined; readonly byItself: boolean },
): Question {
  const entries = models.map((model) => modelEntry(model, current));
  const question = listQuestion(app, ['Which model?'], modelItems(entries, ''), (id) => {
    const name = pullNameOf(id);
    if (name !== undefined) return app.pull(name);
    const entry = entries.find((known) => known.name === id);
    if (entry !== undefined) chooseEffort(app, entry);
  });
  return byItself ? { ...question, lines: ['Which model?'], text: 'message' } : question;
}

function chooseEffort(app: Asker, entry: ModelEntry): void {
  const model = entry.name;
  const items = effortItems(entry, undefined);
  if (items.length === 0) return app.submit({ type: 'set_model', model });
  app.ask(
    listQuestion(app, [`How much should ${oneLine(model)} think?`], items, (effort) =>
      app.submit({ type: 'set_model', model, effort }),
    ),
  );
}

function listQuestion(
  app: Asker,
  lines: readonly string[],
  items: readonly PickerItem[],
  choose: (id: string) => void,
): Question {
  return {
    lines: [...lines, 'An empty line leaves things as they are.'],
    choices: items.map((item) => ({
      label: labelOf(item),
      choose: item.disabled ? undefined : () => choose(item.id),
    })),
    text: 'list',
    leave: () => app.say('Nothing was changed.'),
  };
}

function labelOf({ label, detail = '', hint }: PickerItem): string {
  const [said = ''] = inWords([detail === '' ? oneLine(label) : `${oneLine(label)}: ${oneLine(detail)}`]);
  return hint === undefined ? said : `${said} (${hint})`;
}
