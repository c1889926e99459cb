import type { AeTitle } from '../dicom/ae-title.ts';
import { implementationClassUid, implementationVersionName } from '../dicom/implementation.ts';
import { explicitLittleUid, implicitLittleUid } from '../dicom/transfer-syntax.ts';
import { parseUid, type SopClassUid, type TransferSyntaxUid } from '../dicom/uid.ts';
import type { AssociateAccept } from '../dimse/associate-accept.ts';
import type { AssociateRequest, ProposedContext } from '../dimse/associate-request.ts';
import { dicomApplicationContext } from '../dimse/pdu.ts';

/** What negotiation needs to know of an object. */
export interface Sendable {
  readonly sopClassUid: SopClassUid;
  readonly transferSyntaxUid: TransferSyntaxUid;
}

const maxContexts = 128;
/** Verification (PS3.4 annex A). */
export const verificationUid = '1.2.840.10008.1.1';
/** Study Root Query/Retrieve, C-FIND (PS3.4 C.6.2). */
export const studyRootFindUid = '1.2.840.10008.5.1.4.1.2.2.1';
/** What we take ourselves: answers are command sets only. */
const ourMaxPduBytes = 131_072;
const ourWindow = { invoked: 16, performed: 1 };

/** Lossless syntaxes by the names that `destinations.yaml` gives them, in our order of preference (dicom-io.md 8.2). */
export const offeredSyntaxes = {
  'jpeg-ls': parseUid<TransferSyntaxUid>('1.2.840.10008.1.2.4.80'),
  'j2k-lossless': parseUid<TransferSyntaxUid>('1.2.840.10008.1.2.4.90'),
  rle: parseUid<TransferSyntaxUid>('1.2.840.10008.1.2.5'),
} as const;

/** A context that we propose; objects of its class in other syntaxes may be transcoded to it when it is a fallback. */
export interface PlannedContext extends ProposedContext {
  readonly isFallback: boolean;
}

type Draft = Omit<PlannedContext, 'id'>;

/**
 * Contexts for a batch (dicom-io.md 4.1): for each SOP class, each stored syntax in a context of its own, then one with
 * explicit and implicit little endian. Objects of classes that no longer fit into 128 contexts wait for another association.
 */
export function proposeContexts(batch: readonly Sendable[]): readonly PlannedContext[] {
  const proposed: Draft[] = [];
  for (const [sopClassUid, syntaxes] of syntaxesByClass(batch)) {
    const own = { abstractSyntaxUid: sopClassUid, isFallback: false };
    const direct = [...syntaxes].map((uid) => ({ ...own, transferSyntaxUids: [uid] }));
    const fallback = { ...own, isFallback: true, transferSyntaxUids: [explicitLittleUid, implicitLittleUid] };
    if (proposed.length + direct.length + 1 <= maxContexts) proposed.push(...direct, fallback);
  }
  return numbered(proposed);
}

/** For classes whose first contexts were all refused: one context with what the destination's `offer` names. */
export function proposeOffer(
  batch: readonly Sendable[],
  offer: readonly (keyof typeof offeredSyntaxes)[],
): readonly PlannedContext[] {
  const transferSyntaxUids = offer.map((name) => offeredSyntaxes[name]);
  const classes = [...new Set(batch.map(({ sopClassUid }) => sopClassUid))].slice(0, maxContexts);
  return numbered(classes.map((abstractSyntaxUid) => ({ abstractSyntaxUid, isFallback: true, transferSyntaxUids })));
}

/** The one context of a C-ECHO. */
export function proposeVerification(): readonly PlannedContext[] {
  return proposeImplicit(verificationUid);
}

/** The one context of a C-FIND. */
export function proposeQuery(): readonly PlannedContext[] {
  return proposeImplicit(studyRootFindUid);
}

function proposeImplicit(abstractSyntaxUid: string): readonly PlannedContext[] {
  return numbered([{ abstractSyntaxUid, isFallback: false, transferSyntaxUids: [implicitLittleUid] }]);
}

function numbered(drafts: readonly Draft[]): readonly PlannedContext[] {
  return drafts.map((draft, index) => ({ id: 2 * index + 1, ...draft }));
}

function syntaxesByClass(batch: readonly Sendable[]): ReadonlyMap<SopClassUid, ReadonlySet<TransferSyntaxUid>> {
  const classes = new Map<SopClassUid, Set<TransferSyntaxUid>>();
  for (const { sopClassUid, transferSyntaxUid } of batch) {
    const syntaxes = classes.get(sopClassUid) ?? new Set();
    classes.set(sopClassUid, syntaxes.add(transferSyntaxUid));
  }
  return classes;
}

/** The A-ASSOCIATE-RQ of our sender (PS3.8 9.3.2). */
export function associateRequest(
  titles: { readonly callingAeTitle: AeTitle; readonly calledAeTitle: AeTitle },
  contexts: readonly ProposedContext[],
): AssociateRequest {
  return {
    ...titles,
    contexts,
    protocolVersion: 1,
    applicationContext: dicomApplicationContext,
    maxPduLengthBytes: ourMaxPduBytes,
    implementationClassUid,
    implementationVersion: implementationVersionName,
    window: ourWindow,
    roles: [],
    hasUserIdentity: false,
  };
}

/** How an object can go over an association. `unproposed`: it needs another one. */
export type Route =
  | { readonly kind: 'as-stored' | 'transcoded'; readonly contextId: number; readonly transferSyntaxUid: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unproposed' };

/** The object's own syntax where it was accepted, else the fallback of its class (dicom-io.md 4.1.4). */
export function routeOf(object: Sendable, contexts: readonly PlannedContext[], accept: AssociateAccept): Route {
  const ofClass = contexts.filter(({ abstractSyntaxUid }) => abstractSyntaxUid === object.sopClassUid);
  if (ofClass.length === 0) return { kind: 'unproposed' };
  const accepted = ofClass.flatMap(({ id, isFallback }) => {
    const answer = accept.contexts.find((one) => one.id === id && one.result === 0);
    return answer === undefined ? [] : [{ contextId: id, isFallback, transferSyntaxUid: answer.transferSyntaxUid }];
  });
  const own = accepted.find(({ transferSyntaxUid }) => transferSyntaxUid === object.transferSyntaxUid);
  const usable = own ?? accepted.find(({ isFallback }) => isFallback);
  if (usable === undefined) return { kind: 'refused' };
  const { contextId, transferSyntaxUid } = usable;
  return { kind: own === undefined ? 'transcoded' : 'as-stored', contextId, transferSyntaxUid };
}

/** How many stores may be unanswered at once: what the peer granted; 0 grants all, no answer grants one. */
export function windowOf(accept: AssociateAccept): number {
  const invoked = accept.window?.invoked ?? 1;
  return invoked === 0 ? ourWindow.invoked : Math.min(invoked, ourWindow.invoked);
}
