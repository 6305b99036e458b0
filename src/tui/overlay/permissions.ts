/**
 * What oagent may do without asking: the modes, and a second question before the last one.
 *
 * Invariant: full access is never the result of one key.
 */
import { PLAN_MODE, type SessionMode } from '../../protocol.ts';
import type { LineContext } from '../lines/style.ts';
import type { Key } from '../term/keys.ts';
import type { Dialog, Step } from './overlay.ts';
import { handlePickerKey, openPicker, type PickerState } from './picker.ts';
import { pickerLines } from './picker-lines.ts';

interface Preset {
  readonly id: string;
  readonly label: string;
  readonly detail: string;
  readonly permissions: SessionMode;
}

export const PRESETS: readonly Preset[] = [
  {
    id: 'read-only',
    label: 'Read only',
    detail: 'reads files; changes nothing and does not ask',
    permissions: { mode: 'read-only', approval: 'never' },
  },
  {
    id: 'ask',
    label: 'Ask',
    detail: 'reads files; asks before it changes anything',
    permissions: { mode: 'read-only', approval: 'on-request' },
  },
  {
    id: 'workspace',
    label: 'Write',
    detail: 'works in this folder; asks before leaving the sandbox',
    permissions: { mode: 'workspace-write', approval: 'on-request' },
  },
  {
    id: 'plan',
    label: 'Plan',
    detail: 'changes nothing; the answer is a plan that you can edit',
    permissions: PLAN_MODE,
  },
  {
    id: 'full-access',
    label: 'Full access',
    detail: 'no sandbox, network access, never asks',
    permissions: { mode: 'danger-full-access', approval: 'never' },
  },
];

interface PermissionsState {
  readonly step: 'presets' | 'confirm';
  readonly picker: PickerState;
  readonly current: SessionMode;
}

/** What Shift+Tab goes through: everything that needs no second question. */
const CYCLE = PRESETS.filter(({ id }) => id !== 'full-access');

/** The mode after this one; one that is none of them is followed by the first. */
export function nextMode(current: SessionMode): SessionMode {
  const at = CYCLE.findIndex(({ permissions }) => isSame(permissions, current));
  return (CYCLE[(at + 1) % CYCLE.length] ?? CYCLE[0] ?? { permissions: current }).permissions;
}

/** The name of a mode as people read it; undefined for one that has none. */
export function modeName(current: SessionMode): string | undefined {
  return PRESETS.find(({ permissions }) => isSame(permissions, current))?.label.toLowerCase();
}

type PermissionsResult =
  | { readonly type: 'chosen'; readonly permissions: SessionMode }
  | { readonly type: 'cancelled' };

export function openPermissions(current: SessionMode): PermissionsState {
  return presets(current, PRESETS.find(({ permissions }) => isSame(permissions, current))?.id);
}

export function handlePermissionsKey(
  state: PermissionsState,
  key: Key,
): Step<PermissionsState, PermissionsResult> {
  const step = handlePickerKey(state.picker, key);
  if ('state' in step) return { state: { ...state, picker: step.state } };
  const id = step.result.type === 'chosen' ? step.result.id : undefined;
  if (state.step === 'confirm') {
    const full = PRESETS.find((preset) => preset.id === 'full-access');
    if (id !== 'yes' || full === undefined) return { state: presets(state.current, 'full-access') };
    return { result: { type: 'chosen', permissions: full.permissions } };
  }
  const preset = PRESETS.find((known) => known.id === id);
  if (preset === undefined) return { result: { type: 'cancelled' } };
  if (preset.id !== 'full-access') return { result: { type: 'chosen', permissions: preset.permissions } };
  return { state: { ...state, step: 'confirm', picker: confirmation() } };
}

export function permissionsLines(state: PermissionsState, ctx: LineContext, maxRows: number): string[] {
  return pickerLines(state.picker, ctx, maxRows);
}

export const permissionsDialog: Dialog<PermissionsState, PermissionsResult> = {
  handle: handlePermissionsKey,
  lines: permissionsLines,
};

function presets(current: SessionMode, selectedId: string | undefined): PermissionsState {
  const picker = openPicker({
    title: 'What may oagent do without asking?',
    items: PRESETS.map(({ id, label, detail, permissions }) => ({
      id,
      label,
      detail,
      hint: isSame(permissions, current) ? 'current' : undefined,
    })),
    hasNumbers: true,
    selectedId,
  });
  return { step: 'presets', picker, current };
}

/** No numbers: the key that led here must not also confirm it. */
export function confirmation(): PickerState {
  return openPicker({
    title: 'Turn the sandbox off?',
    note: 'The model can then change any of your files and use the network without asking.',
    items: [
      { id: 'no', label: 'No, go back' },
      { id: 'yes', label: 'Yes, full access' },
    ],
    cancelHint: 'esc back',
  });
}

function isSame(a: SessionMode, b: SessionMode): boolean {
  return a.mode === b.mode && a.approval === b.approval && (a.isPlan ?? false) === (b.isPlan ?? false);
}
