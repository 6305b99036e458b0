/** What `oagent doctor` reports about the context window: its size first, then problems and what to do. */
import { MIN_WINDOW, ROOMY_WINDOW, type WindowChoice } from '../../model/window.ts';
import { groupDigits } from '../../text/digits.ts';
import type { WindowFacts } from './doctor-facts.ts';

/** Ollama's default on most machines. */
const OLLAMA_DEFAULT = 4096;

const ORIGINS: { readonly [S in WindowChoice['source']]: string } = {
  config: 'from model_context_window',
  modelfile: 'from the Modelfile',
  fit: 'what fitted in earlier loads',
  default: 'the default',
  server: 'as the server has it',
  unknown: 'a careful guess: the server does not tell its own. Set model_context_window to what it has',
  shared: 'with which others have it loaded',
};

export interface WindowVerdict {
  readonly mark: 'ok' | 'warn' | 'fail';
  readonly lines: readonly string[];
}

export function windowVerdict(facts: WindowFacts): WindowVerdict {
  const { numCtx, source, modelMax } = facts;
  const most = modelMax === undefined ? '' : `; the model supports ${groupDigits(modelMax)}`;
  const line = `${groupDigits(numCtx)} tokens, ${ORIGINS[source]}${most}`;
  const measured = measuredLines(facts);
  const small = smallLine(facts);
  if (small !== undefined) {
    return { mark: numCtx < MIN_WINDOW ? 'fail' : 'warn', lines: [line, small, ...measured] };
  }
  const problems = [spilledLine(facts), reloadLine(facts)].filter((problem) => problem !== undefined);
  const mark = problems.length > 0 ? 'warn' : 'ok';
  return { mark, lines: [line, ...problems, ...measured, ...serverLines(facts)] };
}

function smallLine({ numCtx, modelMax }: WindowFacts): string | undefined {
  if (numCtx >= ROOMY_WINDOW) return undefined;
  const cure =
    modelMax !== undefined && modelMax < ROOMY_WINDOW
      ? 'choose a model with a longer context'
      : `set model_context_window to ${ROOMY_WINDOW} or more`;
  return numCtx < MIN_WINDOW
    ? `Too small to work with, sessions refuse it: ${cure}`
    : `Only enough for small tasks: ${cure}`;
}

function spilledLine({ onCpu, loaded, numCtx }: WindowFacts): string | undefined {
  if (onCpu === undefined || loaded !== numCtx) return undefined;
  return `${onCpu}% of the model is on the CPU with this window, which is slow: use a smaller window or model`;
}

/** Another program uses the model with another window. */
function reloadLine({ loaded, numCtx }: WindowFacts): string | undefined {
  if (loaded === undefined || loaded === numCtx) return undefined;
  const theirs = `${groupDigits(loaded)} tokens${loaded === OLLAMA_DEFAULT ? ' (the default of Ollama)' : ''}`;
  return (
    `Another program has it loaded with ${theirs}; each of the two will make Ollama reload it. ` +
    `OLLAMA_CONTEXT_LENGTH=${numCtx} for the server gives both the same window. ` +
    'If it stays like this, memory does not suffice: set a smaller model_context_window'
  );
}

function measuredLines({ measured }: WindowFacts): string[] {
  if (measured === undefined) return [];
  const { held, spilled, path } = measured;
  const known = [
    ...(held === undefined ? [] : [`${groupDigits(held)} fitted`]),
    ...(spilled === undefined ? [] : [`${groupDigits(spilled)} did not`]),
  ];
  return [`Measured: ${known.join(', ')} (${path}; delete it to measure again)`];
}

function serverLines({ serverDefault, numCtx }: WindowFacts): string[] {
  if (serverDefault === undefined || serverDefault === numCtx) return [];
  return [
    `OLLAMA_CONTEXT_LENGTH is ${groupDigits(serverDefault)} here: a program that does not ask for a window gets that one, ` +
      'and the model is reloaded each time the window changes',
  ];
}
