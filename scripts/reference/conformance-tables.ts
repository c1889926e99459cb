import { destinationsFile } from '../../src/config/destinations-schema.ts';
import { nodeFile } from '../../src/config/node-schema.ts';
import { codingScheme, derivations } from '../../src/dicom/derived/codes.ts';
import { elementRules } from '../../src/dicom/derived/rules/element-rules.ts';
import { forwardedSopClasses } from '../../src/dicom/forwarded-sop-classes.ts';
import { implementationClassUid, implementationVersionName } from '../../src/dicom/implementation.ts';
import { imageSopClasses } from '../../src/dicom/sop-classes.ts';
import { tagText } from '../../src/dicom/tags.ts';
import { type TransferSyntax, transferSyntaxes } from '../../src/dicom/transfer-syntax.ts';
import { contextResults } from '../../src/dimse/associate-accept.ts';
import { dimseErrors } from '../../src/dimse/errors.ts';
import { dicomApplicationContext } from '../../src/dimse/pdu.ts';
import { type Rejection, rejections } from '../../src/dimse/rejection.ts';
import {
  errorComment,
  offendingElement,
  type StoreErrorCode,
  storeStatus,
  successStatus,
} from '../../src/scp/status.ts';
import { senderErrors } from '../../src/sender/errors.ts';
import { type Outcome, outcomeOfError, outcomeOfStatus, stateAfter } from '../../src/sender/outcome.ts';
import { offeredSyntaxes } from '../../src/sender/proposal.ts';
import { markdownTable } from './markdown-table.ts';

const node = nodeFile.parse({});

export function restoredClassesTable(): string {
  const rows = imageSopClasses.map(({ name, uid, modality, family }) => [name, uid, modality, family]);
  return markdownTable(['SOP class', 'UID', 'Modality', 'family'], rows);
}

export function forwardedClassesTable(): string {
  return markdownTable(
    ['SOP class', 'UID'],
    forwardedSopClasses.map(({ name, uid }) => [name, uid]),
  );
}

export function transferSyntaxTable(): string {
  const rows = transferSyntaxes.map((syntax) => [
    syntax.name,
    syntax.uid,
    syntax.lossless ? 'lossless' : 'may be lossy',
    syntax.codec === 'unsupported' ? 'stored and forwarded only' : 'stored, forwarded, decoded for restoring',
  ]);
  return markdownTable(['transfer syntax', 'UID', 'pixels', 'use'], rows);
}

/** Lossless syntaxes that a destination's `offer` may name. */
export function offeredTable(): string {
  const rows = Object.entries(offeredSyntaxes).map(([key, uid]) => [`\`${key}\``, nameOf(uid), uid]);
  return markdownTable(['`offer`', 'transfer syntax', 'UID'], rows);
}

function nameOf(uid: string): string {
  const known: TransferSyntax | undefined = transferSyntaxes.find((syntax) => syntax.uid === uid);
  return known?.name ?? uid;
}

export function associationTable(): string {
  const { limits } = node.scp;
  const { associations } = destinationsFile.valueType.shape;
  const perDestination = `${associations.parse(undefined)}, at most ${associations.unwrap().maxValue}`;
  return markdownTable(
    ['', 'default'],
    [
      ['application context name', dicomApplicationContext],
      ['implementation class UID', implementationClassUid],
      ['implementation version name', implementationVersionName],
      ['AE title', node.scp.aeTitle],
      ['TCP port', node.scp.port],
      ['maximum PDU length announced, bytes', limits.maxPduLengthBytes],
      ['associations as acceptor, in all', limits.associations],
      ['associations as acceptor, from one address', limits.associationsPerAddress],
      ['associations as initiator, to one destination', perDestination],
      ['operations invoked that we grant as acceptor', limits.storesAwaitingCommit],
    ],
  );
}

const rejectionReasons: Readonly<Record<Rejection, string>> = {
  'application-context-not-supported': 'another application context than that of DICOM',
  'calling-ae-title-not-recognized': 'calling AE title and address stand in no row of `callers`; audited',
  'called-ae-title-not-recognized': 'the called AE title is not ours',
  'protocol-version-not-supported': 'bit 0 of the protocol version is not set',
  'temporary-congestion': 'too many associations from this address, or the node is stopping',
  'local-limit-exceeded': 'too many associations, the disk is above `spool.highMark`, or the ledger did not commit',
};

export function rejectionTable(): string {
  const rows = Object.entries(rejections).map(([name, { result, source, reason }]) => {
    const when = Object.entries(rejectionReasons).find(([key]) => key === name)?.[1] ?? '';
    return [result === 1 ? '1 permanent' : '2 transient', source, reason, name.replaceAll('-', ' '), when];
  });
  return markdownTable(['result', 'source', 'reason', 'name', 'when'], rows);
}

export function contextResultTable(): string {
  const names: Readonly<Record<keyof typeof contextResults, string>> = {
    accepted: 'acceptance',
    abstractSyntaxNotSupported: 'abstract syntax not supported: Verification and the SOP classes above are',
    transferSyntaxesNotSupported:
      'transfer syntaxes not supported: none of the proposed ones stands in the table above',
  };
  return markdownTable(
    ['result', 'meaning'],
    [
      [contextResults.accepted, names.accepted],
      [contextResults.abstractSyntaxNotSupported, names.abstractSyntaxNotSupported],
      [contextResults.transferSyntaxesNotSupported, names.transferSyntaxesNotSupported],
    ],
  );
}

export function abortTable(): string {
  const told = keysOf(dimseErrors).filter((code) => code !== 'DIMSE_ARTIM_EXPIRED');
  const rows = told.map((code) => [
    dimseErrors[code].abort.source,
    dimseErrors[code].abort.reason,
    dimseErrors[code].text,
  ]);
  return markdownTable(['source', 'reason', 'when'], rows);
}

export function storeStatusTable(): string {
  const success = [statusText(successStatus), 'the object is durable: file, folder and ledger row are synced', ''];
  const ours = keysOf(storeStatus).filter((code) => code.startsWith('SCP_'));
  const refusals = ours.map((code) => [statusText(storeStatus[code]), errorComment(code), elementOf(code)]);
  const others = keysOf(storeStatus).filter((code) => !code.startsWith('SCP_'));
  const resources = [...new Set(others.map((code) => storeStatus[code]))].map((status) => [
    statusText(status),
    '`out of resources: CODE`: disk or ledger fail, with their error code',
    '',
  ]);
  return markdownTable(
    ['status', 'when, as the Error Comment says it', 'Offending Element'],
    [success, ...refusals, ...resources],
  );
}

function elementOf(code: StoreErrorCode): string {
  const tag = offendingElement(code);
  return tag === undefined ? '' : tagText(tag);
}

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  const isKey = (key: string): key is K => key in table;
  return Object.keys(table).filter(isKey);
}

// biome-ignore format: one row per status of PS3.4 B.2.3 and PS3.7 annex C
const statuses: readonly (readonly [status: number, name: string])[] = [
  [0x0000, 'success'], [0x0001, 'requested optional attributes are not supported'], [0x0107, 'attribute list error'],
  [0x0110, 'processing failure'], [0x0111, 'duplicate SOP instance'], [0x0116, 'attribute value out of range'],
  [0x0117, 'invalid object instance'], [0x0122, 'SOP class not supported'], [0x0124, 'not authorized'],
  [0x0210, 'duplicate invocation'], [0x0211, 'unrecognized operation'], [0x0212, 'mistyped argument'],
  [0x0213, 'resource limitation'], [0xa700, 'out of resources, all of A7xx'],
  [0xa900, 'data set does not match SOP class, all of A9xx'], [0xb000, 'coercion of data elements'],
  [0xb006, 'elements discarded'], [0xb007, 'data set does not match SOP class (warning), all of Bxxx'],
  [0xc000, 'cannot understand, all of Cxxx'], [0xfe00, 'any other status'],
];

export function receivedStatusTable(): string {
  const rows = statuses.map(([status, name]) => {
    const outcome = outcomeOfStatus(status);
    return [statusText(status), name, `\`${outcome}\``, stateText(outcome)];
  });
  return markdownTable(['status', 'meaning', 'outcome of the attempt', 'delivery afterwards'], rows);
}

export function unansweredTable(): string {
  const rows = keysOf(senderErrors).map((code) => {
    const outcome = outcomeOfError[code];
    return [senderErrors[code], `\`${outcome}\``, stateText(outcome)];
  });
  return markdownTable(['what happened', 'outcome of the attempt', 'delivery afterwards'], rows);
}

/** The delivery's state after a first attempt and after the worst history, where they differ. */
function stateText(outcome: Outcome): string {
  const { failedAttempts } = node.sender;
  const first = stateAfter(outcome, { failures: 0, sentBefore: false }, failedAttempts);
  const last = stateAfter(outcome, { failures: failedAttempts, sentBefore: true }, failedAttempts);
  if (first === last) return `\`${first}\``;
  const condition =
    outcome === 'duplicate' ? 'where an earlier attempt may have stored it' : `after ${failedAttempts} attempts`;
  return `\`${first}\`; \`${last}\` ${condition}`;
}

type Section = 'limits' | 'sender';

/** Keys of `scp.limits` or `sender` with their defaults and sentences. */
export function limitTable(section: Section): string {
  const defaults: Readonly<Record<string, unknown>> = section === 'limits' ? node.scp.limits : node.sender;
  const prefix = section === 'limits' ? 'scp.limits' : 'sender';
  const shape =
    section === 'limits'
      ? nodeFile.shape.scp.unwrap().shape.limits.unwrap().shape
      : nodeFile.shape.sender.unwrap().shape;
  const rows = Object.entries(shape).map(([key, schema]) => [
    `\`${prefix}.${key}\``,
    String(defaults[key]),
    schema.meta()?.description ?? '',
  ]);
  return markdownTable(['key', 'default', 'meaning'], rows);
}

export function elementTable(): string {
  const rows = elementRules().map(({ level, tag, name, classic, multiFrame, content, section }) => [
    level,
    tag,
    name,
    classic,
    multiFrame,
    content,
    section,
  ]);
  return markdownTable(
    ['level', 'tag', 'name or creator', 'classic', 'multi-frame', 'content or reason', 'section'],
    rows,
  );
}

export function codeTable(): string {
  const rows = Object.entries(derivations).map(([task, { mark, code }]) => [
    `\`${task}\``,
    code.value,
    code.scheme,
    code.meaning,
    `\`${mark}\``,
  ]);
  return markdownTable(['task', 'code value', 'scheme', 'meaning', 'mark in Series Description'], rows);
}

export const schemeText = `${codingScheme.designator}, “${codingScheme.name}”, version ${codingScheme.version}, of ${codingScheme.organization}`;

function statusText(status: number): string {
  return status.toString(16).toUpperCase().padStart(4, '0');
}
