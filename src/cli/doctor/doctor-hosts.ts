/** What `oagent doctor` says of the hosts in `ollama.hosts`. */
import { answerLimitMs, endpointsOf } from '../../session/connect.ts';
import { askHosts } from '../../session/host-choice.ts';
import type { SessionPlan } from '../../session/plan.ts';
import type { HostFinding } from './doctor-facts.ts';

/** The others of the list may do. */
const PASSED_OVER = 'Start it, or give it the model; until then it is passed over';

export async function hostFindings(plan: SessionPlan, signal: AbortSignal): Promise<HostFinding[]> {
  const section = 'Ollama';
  const { config } = plan.loaded;
  const endpoints = endpointsOf(plan);
  if (endpoints.length === 1 && (config.ollama.hosts ?? []).length > 1) {
    const cure = 'Unset OLLAMA_HOST and `ollama.host` to have one of the hosts chosen';
    return [{ section, mark: 'warn', lines: ['ollama.hosts is not used: a single host is named', cure] }];
  }
  if (endpoints.length === 1) return [];
  const answers = await askHosts(endpoints, { wanted: config.model, limitMs: answerLimitMs(config) }, signal);
  return answers.map(({ host, says, isUsable }) => ({
    section,
    mark: isUsable ? 'ok' : 'warn',
    lines: [`${host}: ${says}`, ...(isUsable ? [] : [PASSED_OVER])],
  }));
}
