import { findTransferSyntax, type TransferSyntax } from '../dicom/transfer-syntax.ts';
import type { ContextAnswer } from './associate-accept.ts';
import { contextResults } from './associate-accept.ts';
import type { AssociateRequest, OperationsWindow, ProposedContext, Role } from './associate-request.ts';
import { dicomApplicationContext } from './pdu.ts';
import type { Rejection } from './rejection.ts';

/** Verification (PS3.4 annex A): every node answers a C-ECHO. */
const verificationUid = '1.2.840.10008.1.1';

/** What we accept as acceptor. */
export interface AcceptancePolicy {
  readonly aeTitle: string;
  /** UIDs of the storage SOP classes that we take. */
  readonly storageClasses: ReadonlySet<string>;
  /** Most operations that a peer may have outstanding. */
  readonly window: number;
}

/** How a request is answered, context by context. */
export interface Negotiation {
  readonly contexts: readonly ContextAnswer[];
  readonly roles: readonly Role[];
  /** `undefined`: the peer proposed none, and one operation at a time is the rule. */
  readonly window: OperationsWindow | undefined;
}

/** Why this request is refused whatever its contexts say; `undefined` when it is not (dicom-io.md 3.3). */
export function findRejection(request: AssociateRequest, aeTitle: string): Rejection | undefined {
  if (request.protocolVersion % 2 === 0) return 'protocol-version-not-supported';
  if (request.applicationContext !== dicomApplicationContext) return 'application-context-not-supported';
  if (request.calledAeTitle !== aeTitle) return 'called-ae-title-not-recognized';
  return undefined;
}

/** Chooses a result, a transfer syntax and a role for everything that was proposed. Pure. */
export function negotiate(request: AssociateRequest, policy: AcceptancePolicy): Negotiation {
  return {
    contexts: request.contexts.map((context) => answerContext(context, policy)),
    roles: request.roles
      .filter((role) => policy.storageClasses.has(role.sopClassUid))
      .map((role) => ({ sopClassUid: role.sopClassUid, scu: role.scu, scp: false })),
    window: request.window && answerWindow(request.window, policy.window),
  };
}

function answerContext({ id, abstractSyntaxUid, transferSyntaxUids }: ProposedContext, policy: AcceptancePolicy) {
  const isStorage = policy.storageClasses.has(abstractSyntaxUid);
  if (!isStorage && abstractSyntaxUid !== verificationUid) {
    return { id, result: contextResults.abstractSyntaxNotSupported, transferSyntaxUid: '' };
  }
  const chosen = chooseTransferSyntax(transferSyntaxUids);
  if (chosen === undefined) return { id, result: contextResults.transferSyntaxesNotSupported, transferSyntaxUid: '' };
  return { id, result: contextResults.accepted, transferSyntaxUid: chosen };
}

/**
 * The first proposed syntax that we know if it is compressed, so that the sender keeps what it has; else the best
 * native one: explicit little, deflated, implicit, explicit big endian (dicom-io.md 3.3).
 */
export function chooseTransferSyntax(proposed: readonly string[]): string | undefined {
  const known = proposed.map(findTransferSyntax).filter((syntax) => syntax !== undefined);
  const [first] = known;
  if (first === undefined || first.compressed) return first?.uid;
  const natives = known.filter((syntax) => !syntax.compressed);
  return natives.toSorted((a, b) => nativeRank(a) - nativeRank(b))[0]?.uid;
}

function nativeRank({ deflated, encoding }: TransferSyntax): number {
  if (deflated) return 1;
  if (!encoding.explicit) return 2;
  return encoding.littleEndian ? 0 : 3;
}

/** Zero invoked means "as many as you like"; we perform one at a time, in order (dicom-io.md 3.8). */
function answerWindow({ invoked }: OperationsWindow, most: number): OperationsWindow {
  return { invoked: invoked === 0 ? most : Math.min(invoked, most), performed: 1 };
}
