/** Draws each step of the model picker. */
import { oneLine } from '../lines/clean.ts';
import type { LineContext } from '../lines/style.ts';
import { dialogLines } from './dialog.ts';
import type { ModelPickerState, ModelStage } from './model-picker.ts';
import { pickerLines } from './picker-lines.ts';
import { pullLines } from './pull.ts';
import { hintLine, paragraph, titleLines } from './text.ts';

export function modelPickerLines({ stage }: ModelPickerState, ctx: LineContext, maxRows: number): string[] {
  switch (stage.kind) {
    case 'list':
    case 'effort':
      return pickerLines(stage.picker, ctx, maxRows);
    case 'pulling':
      return pullLines(stage.pull, ctx, maxRows);
    case 'failed':
      return failedLines(stage, ctx, maxRows);
    default:
      return stage satisfies never;
  }
}

function failedLines(
  { model, message, canRetry }: Extract<ModelStage, { kind: 'failed' }>,
  ctx: LineContext,
  maxRows: number,
): string[] {
  const remedy = canRetry ? remedyOf(message) : 'Choose another model.';
  const text = [...paragraph(ctx.style.red(oneLine(message)), ctx), ...paragraph(remedy, ctx)];
  return dialogLines(
    {
      title: titleLines(`${oneLine(model)} cannot be used`, ctx),
      body: (rows) => text.slice(0, rows),
      options: [],
      selected: 0,
      hint: hintLine([...(canRetry ? ['enter try again'] : []), 'esc back'], ctx),
    },
    ctx,
    maxRows,
  );
}

function remedyOf(message: string): string {
  if (/not exist|not found|manifest/i.test(message)) {
    return 'Check the name: https://ollama.com/library lists all models and their tags.';
  }
  if (/space|quota/i.test(message)) return 'Free some disk space and try again; what was downloaded is kept.';
  return 'Check the connection and try again; what was downloaded is kept.';
}
