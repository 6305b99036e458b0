/**
 * What `oagent doctor` says of the repository index: whether there is one here, how it is searched, who keeps its vectors.
 *
 * Owns: these questions and their judgement. Invariants: nothing is indexed, loaded or started for it. Does not: report (doctor.ts).
 */
import { tooWideForWriting } from '../../config/trust.ts';
import type { OllamaClient } from '../../model/client.ts';
import { chromaProblem } from '../../repo-index/chroma/chroma-probe.ts';
import { indexFolder, indexRoot } from '../../repo-index/service.ts';
import { storeBytes } from '../../repo-index/store/store.ts';
import { chooseEmbedModel } from '../../repo-index/vectors/embed-models.ts';
import { type NoVectors, vectorsLine } from '../../repo-index/vectors/vectors-state.ts';
import type { SessionPlan } from '../../session/open-session.ts';
import { errorMessage } from '../../text/error-message.ts';

export interface IndexFacts {
  /** Why there is none; absent: there is one. */
  readonly absent?: string;
  /** Bytes of its file; 0: not made yet. */
  readonly bytes: number;
  /** The embedding model that is used, or why there is none. */
  readonly embedding: { readonly model: string } | NoVectors;
  /** The user has named it. */
  readonly isEmbeddingWanted: boolean;
  /** The user's own server. */
  readonly chromaUrl?: string;
  /** Why oagent cannot run a server of its own. */
  readonly chromaProblem?: string;
}

interface IndexCheck {
  readonly section: 'Index';
  readonly mark: 'ok' | 'warn';
  readonly lines: readonly string[];
}

const TIMEOUT_MS = 3_000;

export async function indexFacts(
  { home, cwd, loaded }: Pick<SessionPlan, 'home' | 'cwd' | 'loaded'>,
  client: Pick<OllamaClient, 'tags' | 'show'>,
): Promise<IndexFacts> {
  const { enabled, embed_model: wanted, chroma_url: chromaUrl } = loaded.config.index;
  const absent = absence(enabled, tooWideForWriting(cwd, process.env, home));
  const [embedding, problem] = await Promise.all([
    chooseEmbedModel(client, wanted, AbortSignal.timeout(TIMEOUT_MS)).then(
      (choice) => ('model' in choice ? { model: choice.model.name } : choice),
      (error: unknown) => ({ unavailable: errorMessage(error) }),
    ),
    chromaUrl === undefined ? chromaProblem() : undefined,
  ]);
  return {
    absent,
    bytes: storeBytes(indexFolder(home, indexRoot(cwd))),
    embedding,
    isEmbeddingWanted: wanted !== undefined,
    chromaUrl,
    chromaProblem: problem,
  };
}

function absence(isEnabled: boolean, tooWide: string | undefined): string | undefined {
  if (!isEnabled) return 'off (index.enabled)';
  return tooWide === undefined ? undefined : `none, because ${tooWide}`;
}

export function indexChecks(facts: IndexFacts): IndexCheck[] {
  const section = 'Index';
  if (facts.absent !== undefined) return [{ section, mark: 'ok', lines: [facts.absent] }];
  const made =
    facts.bytes === 0
      ? 'not made yet: a session makes it, or `oagent index build`'
      : `${(facts.bytes / 1e6).toFixed(1)} MB (\`oagent index status\`)`;
  const { embedding, isEmbeddingWanted } = facts;
  if ('unavailable' in embedding) {
    return [
      { section, mark: 'ok', lines: [made, 'code is found by words and history'] },
      { section, mark: isEmbeddingWanted ? 'warn' : 'ok', lines: [vectorsLine(embedding)] },
    ];
  }
  const keeper =
    facts.chromaUrl !== undefined
      ? `Chroma at ${facts.chromaUrl} keeps the vectors`
      : facts.chromaProblem === undefined
        ? "oagent's own Chroma server keeps the vectors"
        : `the exact local search serves the vectors: ${facts.chromaProblem}`;
  return [{ section, mark: 'ok', lines: [made, `semantic search by ${embedding.model}`, keeper] }];
}
