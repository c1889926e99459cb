import type { Socket } from 'node:net';
import dimse from 'dcmjs-dimse';
import { implementationClassUid, implementationVersionName } from '../dicom/implementation.ts';
import type { Negotiation } from '../dimse/negotiation.ts';
import { echoResponse } from './echo.ts';

type LibraryAssociation = dimse.association.Association;

/** `min(peer's maximum, this)` is what the library announces: with the largest value it stays out of the way. */
const neutralMaxPduLength = 0xffff_ffff;

/**
 * Makes the library ours, once per process: our name in its answers, nothing on standard output (it prints AE titles
 * and commands otherwise).
 */
export function prepareLibrary(): void {
  dimse.log.setLevel('silent');
  dimse.Implementation.setImplementationClassUid(implementationClassUid);
  dimse.Implementation.setImplementationVersion(implementationVersionName);
  dimse.Implementation.setMaxPduLength(neutralMaxPduLength);
}

/**
 * The library's share of an association (dicom-io.md 2.3): it decodes a canonical A-ASSOCIATE-RQ, writes AC, RJ and
 * RELEASE-RP, and serves C-ECHO. It never sees the socket's stream, and never a C-STORE. Its events reach our methods
 * through a queue that turns an exception into a crash of the process, so that every method here catches.
 */
export class StoreScp extends dimse.Scp {
  readonly #onDefect: (cause: unknown) => void;
  #negotiation: Negotiation | undefined;
  #maxPduLengthBytes = 0;
  #accepted = false;

  /** `onDefect`: the library, or our part in it, failed, and the association can't go on. */
  constructor(socket: Socket, onDefect: (cause: unknown) => void) {
    super(socket);
    this.#onDefect = onDefect;
    this.on('networkError', onDefect);
  }

  /** Leaves the socket alone. Fields of this class do not exist yet when the library calls this (dicom-io.md 2.2 y). */
  override _wrapSocket(): void {}

  /** Answers a canonical request as negotiated; true when the A-ASSOCIATE-AC was written. */
  async accept(request: Buffer, negotiation: Negotiation, maxPduLengthBytes: number): Promise<boolean> {
    this.#negotiation = negotiation;
    this.#maxPduLengthBytes = maxPduLengthBytes;
    await this._processPdu(request);
    return this.#accepted;
  }

  /** Gives the library one whole PDU: a release, or the single PDV of a command that it serves. */
  receive(pdu: Buffer): Promise<void> {
    // After a command without data set the library keeps its bytes and reads them again before each one that follows:
    // the thousandth C-ECHO of an association costs a thousand times the first (test/contract/dcmjs-dimse.test.ts).
    this.dimseStream = undefined;
    return this._processPdu(pdu);
  }

  override associationRequested(association: LibraryAssociation): void {
    this.#guard(() => {
      if (this.#negotiation === undefined) return;
      applyNegotiation(association, this.#negotiation);
      this.#sendAccept(association);
      this.#accepted = true;
    });
  }

  /** The library would announce the smaller maximum of both sides (dicom-io.md 2.2 q); ours is what we mean. */
  #sendAccept(association: LibraryAssociation): void {
    const peerMaxPduLength = association.getMaxPduLength();
    association.setMaxPduLength(this.#maxPduLengthBytes);
    this.sendAssociationAccept();
    association.setMaxPduLength(peerMaxPduLength);
  }

  override associationReleaseRequested(): void {
    this.#guard(() => this.sendAssociationReleaseResponse());
  }

  override cEchoRequest(
    request: dimse.requests.CEchoRequest,
    callback: (response: dimse.responses.CEchoResponse) => void,
  ): void {
    this.#guard(() => callback(echoResponse(request)));
  }

  override cStoreRequest(): void {
    this.#onDefect(new Error('a C-STORE reached the library'));
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (cause) {
      this.#onDefect(cause);
    }
  }
}

function applyNegotiation(association: LibraryAssociation, { contexts, roles, window }: Negotiation): void {
  for (const answer of contexts) {
    const context = association.getPresentationContext(answer.id);
    if (answer.transferSyntaxUid === '') context.setResult(answer.result);
    else context.setResult(answer.result, answer.transferSyntaxUid);
    const role = roles.find(({ sopClassUid }) => sopClassUid === context.getAbstractSyntaxUid());
    if (role === undefined || context.getUserRole() === undefined) continue;
    context.setUserRole(role.scu);
    context.setProviderRole(role.scp);
  }
  association.setNegotiateAsyncOps(window !== undefined);
  association.setMaxAsyncOpsInvoked(window?.invoked ?? 1);
  association.setMaxAsyncOpsPerformed(window?.performed ?? 1);
}
