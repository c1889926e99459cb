import { isKeyword, keywordOfTag, tagOfKeyword, vrOfTag } from '../dicom/tags.ts';
import { evidenceText, type Finding } from './refusals/finding.ts';

/** Why a rule did not match: what it tested, what it wants, what is there. */
export interface Mismatch {
  /** A keyword, or `cel`. */
  readonly test: string;
  readonly wanted: string;
  readonly found: string;
}

/** The mismatch of one rule. */
export interface Reason extends Mismatch {
  readonly rule: string;
}

/** For the terminal of the person who asks: `ct: Modality is MR, not CT`. */
export function reasonText({ rule, test, wanted, found }: Reason): string {
  return `${rule}: ${test} ${found}, not ${wanted}`;
}

/** For logs and the ledger: what may name a patient is left out, in the rule and in the object. */
export function reasonForLog(reason: Reason): string {
  if (mayBeLogged(reason.test)) return reasonText(reason);
  const { rule, test } = reason;
  return `${rule}: ${test} does not match`;
}

/** A refusal for logs and the ledger: `localizer: ImageType (0008,0008) is …`, without a value that is the patient's. */
export function findingForLog(finding: Finding): string {
  const keyword = keywordOfTag(finding.tag);
  const text = keyword === undefined || mayBeLogged(keyword) ? evidenceText(finding) : `${keyword}: ${finding.because}`;
  return `${finding.reason}: ${text}`;
}

/** Codes and measures; free text, dates, UIDs and everything about the patient may name somebody. */
const harmlessVrs = new Set(['CS', 'DS', 'IS', 'US', 'SS', 'UL', 'SL', 'FL', 'FD', 'AE']);
const harmlessKeywords = new Set(['callingAeTitle', 'calledAeTitle', 'instances', 'SOPClassUID']);
const patientGroup = 0x0010;

/** Whether the values of a keyword may stand in a log (architecture.md, rule 7). */
function mayBeLogged(keyword: string): boolean {
  if (harmlessKeywords.has(keyword)) return true;
  if (!isKeyword(keyword)) return false;
  const tag = tagOfKeyword(keyword);
  return tag >>> 16 !== patientGroup && harmlessVrs.has(vrOfTag(tag));
}
