/** The first line of a session, which says whether this oagent can read the others. */
import { ROLLOUT_VERSION, type SessionMeta } from './lines.ts';
import { isSessionId } from './paths.ts';
import { openRollout, payloadOf, textOf } from './payloads.ts';
import { RolloutError } from './rollout-error.ts';
import type { LineRef, RolloutReader } from './scan.ts';

/** The first line of a session, without reading the rest. @throws RolloutError */
export function readMeta(file: string): SessionMeta {
  const reader = openRollout(file);
  try {
    let first: LineRef | undefined;
    reader.scan((line) => {
      if (line.type !== 'session_meta') return true;
      first = line;
      return false;
    });
    return metaOf(reader, first, file);
  } finally {
    reader.close();
  }
}

/** @param line the first `session_meta`; checked before anything else in the file is used. @throws RolloutError */
export function metaOf(reader: RolloutReader, line: LineRef | undefined, file: string): SessionMeta {
  const meta = payloadOf<SessionMeta>(reader, line);
  // The id names the folder of the outputs.
  if (typeof meta?.id !== 'string' || !isSessionId(meta.id) || typeof meta.cwd !== 'string') {
    throw new RolloutError(`${file} is not a session: its first line does not say so`);
  }
  if (typeof meta.rollout_version !== 'number') {
    throw new RolloutError(`${file} is a session of another program, not of oagent`);
  }
  if (meta.rollout_version > ROLLOUT_VERSION) {
    throw new RolloutError(
      `the session ${meta.id} was written by a newer oagent (${meta.cli_version}). Update this one to resume it`,
    );
  }
  return soundMeta(meta);
}

/** What can be done without is left out where it is not what it should be. */
function soundMeta(meta: SessionMeta): SessionMeta {
  const { timestamp, source, model, git, base_instructions: system } = meta;
  return {
    ...meta,
    timestamp: textOf(timestamp) ?? '',
    source: source === 'exec' ? 'exec' : 'cli',
    model: textOf(model),
    git: typeof git === 'object' && git !== null ? { ...git, branch: textOf(git.branch) } : undefined,
    base_instructions: textOf(system?.text) === undefined ? undefined : system,
  };
}
