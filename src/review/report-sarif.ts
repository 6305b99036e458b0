/**
 * A review as SARIF 2.1.0, for code scanning in CI. Pure.
 *
 * Addresses are relative to the repository. What was not reviewed makes the run unsuccessful, so that no reader takes silence for
 * a clean change; what was left out is named.
 */
import { createHash } from 'node:crypto';
import type { JsonObject } from '../protocol.ts';
import type { Finding, Severity } from './finding.ts';
import type { LeftOut } from './left-out.ts';
import { inOrder } from './report-order.ts';
import { isComplete } from './report-text.ts';
import type { NotReviewed } from './review.ts';
import type { ReviewedChanges } from './review-changes.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json';
const ROOT = '%SRCROOT%';

const RULES: readonly {
  readonly severity: Severity;
  readonly level: 'error' | 'warning' | 'note';
  readonly text: string;
}[] = [
  { severity: 0, level: 'error', text: 'A bug that breaks everything' },
  { severity: 1, level: 'error', text: 'A bug that breaks a normal use' },
  { severity: 2, level: 'warning', text: 'A bug that breaks a rare case' },
  { severity: 3, level: 'note', text: 'A minor bug' },
];

/** @param version of oagent. */
export function reportSarif(reviewed: ReviewedChanges, model: string, version: string): JsonObject {
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'oagent', version, semanticVersion: version, rules: RULES.map(ruleJson) } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: isComplete(reviewed),
            toolExecutionNotifications: [
              ...reviewed.notReviewed.map(notification),
              ...reviewed.leftOut.map(note),
            ],
          },
        ],
        properties: { model, reviewed: reviewed.what },
        results: inOrder(reviewed.findings).map(resultJson),
      },
    ],
  };
}

function ruleJson({ severity, level, text }: (typeof RULES)[number]): JsonObject {
  return {
    id: ruleId(severity),
    name: `ReviewP${severity}`,
    shortDescription: { text },
    defaultConfiguration: { level },
  };
}

function ruleId(severity: Severity): string {
  return `review/P${severity}`;
}

function resultJson(finding: Finding): JsonObject {
  const { severity, title, why, fix, confidence, start, end, code } = finding;
  const text = [`${title}`, why, ...(fix === '' ? [] : [`Fix: ${fix}`])].join('\n\n');
  return {
    ruleId: ruleId(severity),
    ruleIndex: severity,
    level: RULES[severity]?.level,
    message: { text },
    locations: [
      location(finding.path, { startLine: start, endLine: end, snippet: { text: code.join('\n') } }),
    ],
    partialFingerprints: { 'review/v1': fingerprint(finding) },
    rank: Math.round(confidence * 100),
  };
}

function notification({ path, start, end, reason }: NotReviewed): JsonObject {
  return {
    level: 'error',
    message: { text: `Not reviewed: ${reason}` },
    locations: [location(path, { startLine: start, endLine: end })],
  };
}

function note({ path, reason }: LeftOut): JsonObject {
  return { level: 'note', message: { text: `Left out: ${path} (${reason})` } };
}

function location(path: string, region: JsonObject): JsonObject {
  return { physicalLocation: { artifactLocation: { uri: uriOf(path), uriBaseId: ROOT }, region } };
}

/** Relative; a name with a colon must not look like a scheme. */
function uriOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}

/** The same while the line stays what it is, wherever it moves to. */
function fingerprint({ path, severity, code }: Finding): string {
  const said = [path, severity, ...code.map((line) => line.trim())].join('\0');
  return createHash('sha256').update(said).digest('hex').slice(0, 16);
}
