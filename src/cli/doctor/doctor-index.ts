/**
 * The index section of `oagent doctor`: whether there is an index here, how it is searched, where its vectors are.
 *
 * Invariant: nothing is indexed, loaded or started for it.
 */
import { tooWideForWriting } from '../../config/trust.ts';
import type { ModelServer } from '../../model/server.ts';
import { chromaProblem } from '../../repo-index/chroma/chroma-probe.ts';
import { indexFolder, indexRoot } from '../../repo-index/queries.ts';
import { storeBytes } from '../../repo-index/store/store.ts';
import { chooseEmbedModel } from '../../repo-index/vectors/embed-models.ts';
import { type NoVectors, vectorsLine } from '../../repo-index/vectors/vectors-state.ts';
import type { SessionPlan } from '../../session/plan.ts';
import { errorMessage } from '../../text/error-message.ts';

export interface IndexFacts {
  /** Why there is none; undefined: there is one. */
  readonly absent?: string;
  /** Bytes of its file; 0: not made yet. */
  readonly bytes: number;
  /** The embedding model that is used, or why there is none. */
  readonly embedding: { readonly model: string } | NoVectors;
  /** The configuration names it. */
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
  { home, cwd, env, loaded }: Pick<SessionPlan, 'home' | 'cwd' | 'env' | 'loaded'>,
  client: Pick<ModelServer, 'tags' | 'show'>,
): Promise<IndexFacts> {
  const { enabled, embed_model: wanted, chroma_url: chromaUrl } = loaded.config.index;
  const absent = absence(enabled, tooWideForWriting(cwd, env, home));
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
    chromaProblem: problem?.unavailable,
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
  const lines = [made, `semantic search by ${embedding.model}`, ...vectorsPlace(facts)];
  return [{ section, mark: 'ok', lines }];
}

function vectorsPlace({ chromaUrl, chromaProblem }: IndexFacts): string[] {
  if (chromaUrl !== undefined) return [`Chroma at ${chromaUrl} keeps the vectors`];
  if (chromaProblem === undefined) return ["oagent's own Chroma server keeps the vectors"];
  return [
    `vectors work without Chroma, by an exact local search: ${chromaProblem}`,
    'nothing needs to be done (docs/index.md)',
  ];
}
