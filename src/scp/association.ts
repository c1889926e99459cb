import type { Socket } from 'node:net';
import { isUid, type TransferSyntaxUid } from '../dicom/uid.ts';
import { type AssociateRequest, canonicalRequest, parseAssociateRequest } from '../dimse/associate-request.ts';
import { DimseError } from '../dimse/errors.ts';
import { type Negotiation, negotiate } from '../dimse/negotiation.ts';
import type { Frame } from '../dimse/pdu-reader.ts';
import { rejections } from '../dimse/rejection.ts';
import type { TimerWheel, Waiting } from '../dimse/timers.ts';
import { type Action, actionFor, eventOf, type PeerEvent, type State } from '../dimse/upper-layer-states.ts';
import type { Audit } from '../observe/audit.ts';
import type { Logger } from '../observe/logger.ts';
import type { Admission, Connection } from './admission.ts';
import { aeTitleOrNothing, type Welcome } from './admit.ts';
import type { ScpLimits } from './limits.ts';
import { Line, type LineFault, type LineHandler } from './line.ts';
import { type Fragment, Messages } from './messages.ts';
import { StoreScp } from './store-scp.ts';
import type { StoreService } from './storing/store.ts';
import type { AcceptedContext } from './storing/store-checks.ts';

/** What every association of a server shares. */
export interface AssociationParts {
  readonly limits: ScpLimits;
  readonly aeTitle: string;
  readonly storageClasses: ReadonlySet<string>;
  readonly store: StoreService;
  readonly admission: Admission;
  readonly wheel: TimerWheel;
  readonly logger: Logger;
  readonly audit: Audit;
  readonly welcome: (request: AssociateRequest, peerAddress: string) => Welcome;
  /** An association ended in order: its series may count that as evidence. */
  readonly onReleased: (associationId: string) => void;
  readonly onClosed: (association: Association) => void;
}

type Accepted = Extract<Welcome, { readonly kind: 'accepted' }>;

/** One connection from its first byte to its last: the acceptor's state machine (dicom-io.md 3.2). */
export class Association implements Connection, LineHandler {
  readonly id: string;
  readonly peerAddress: string;
  readonly #parts: AssociationParts;
  readonly #line: Line;
  readonly #library: StoreScp;
  readonly #startedMs: number;
  #state: State = 'await-rq';
  #callingAeTitle = '';
  #messages: Messages | undefined;
  #contexts: ReadonlyMap<number, AcceptedContext> = new Map();
  #stopping = false;

  constructor(socket: Socket, id: string, peerAddress: string, parts: AssociationParts) {
    this.id = id;
    this.peerAddress = peerAddress;
    this.#parts = parts;
    this.#startedMs = parts.wheel.now;
    this.#line = new Line(socket, parts.limits, parts.wheel, this);
    this.#library = new StoreScp(socket, (cause) => this.#line.fail(cause));
    parts.admission.connected(this);
  }

  get waiting(): Waiting {
    if (this.#state === 'await-rq' || this.#state === 'negotiating') return 'artim';
    return this.#state === 'idle' || this.#state === 'releasing' ? 'idle' : 'message';
  }

  /** Another connection of this address needs the place. */
  giveWay(): void {
    this.#tellClosed('too many silent connections from this address');
    this.#state = 'closing';
    this.#line.destroy();
  }

  /** Ends as soon as nothing is under way: at once, or after the answer to the message that is coming in. */
  stopWhenIdle(): void {
    this.#stopping = true;
    this.#stopIfIdle();
  }

  /** Ends now, whatever is under way. */
  stopNow(): void {
    this.#line.abort(new DimseError('DIMSE_SHUTDOWN'));
    this.#line.destroy();
  }

  onFrame(frame: Frame): void {
    if (frame.kind === 'fragment') return this.#fragment(frame);
    const action = actionFor(this.#state, eventOf(frame.type));
    if (frame.kind === 'pdu') this.#control(action, frame.bytes);
    else if (action === 'abort-unexpected') throw this.#unexpected({ type: frame.type });
  }

  #fragment(fragment: Fragment): void {
    const action = actionFor(this.#state, this.#eventOf(fragment));
    if (action === 'abort-foreign') throw new DimseError('DIMSE_FOREIGN_CONTEXT', { contextId: fragment.contextId });
    if (this.#messages === undefined || action === 'abort-unexpected') throw this.#unexpected({ state: this.#state });
    this.#state =
      action === 'gather-command' ? this.#messages.commandFragment(fragment) : this.#messages.dataFragment(fragment);
    if (this.#state === 'idle') this.#messageEnded();
  }

  #eventOf({ contextId, isCommand }: Fragment): PeerEvent {
    const midMessage = this.#state !== 'idle';
    const isForeign = midMessage ? contextId !== this.#messages?.contextId : !this.#contexts.has(contextId);
    if (isForeign) return 'foreign-fragment';
    return isCommand ? 'command-fragment' : 'data-fragment';
  }

  #messageEnded(): void {
    this.#line.messageEnded();
    this.#stopIfIdle();
  }

  #control(action: Action, pdu: Buffer): void {
    if (action === 'negotiate') this.#negotiate(pdu);
    else if (action === 'release') void this.#release(pdu);
    else if (action === 'tear-down') this.#peerAborted(pdu);
    else if (action !== 'discard') throw this.#unexpected({ state: this.#state });
  }

  #unexpected(details: Readonly<Record<string, string | number>>): DimseError {
    return new DimseError('DIMSE_UNEXPECTED_PDU', details);
  }

  #negotiate(pdu: Buffer): void {
    const request = parseAssociateRequest(pdu);
    this.#parts.admission.asked(this);
    this.#callingAeTitle = aeTitleOrNothing(request.callingAeTitle) ?? '';
    const answer = this.#parts.welcome(request, this.peerAddress);
    if (answer.kind === 'rejected') this.#reject(answer, request);
    else void this.#accept(request, answer);
  }

  #reject({ rejection, reason }: Extract<Welcome, { kind: 'rejected' }>, request: AssociateRequest): void {
    const { result, source, reason: code } = rejections[rejection];
    this.#state = 'closing';
    this.#library.sendAssociationReject(result, source, code);
    this.#line.close();
    const calledAeTitle = aeTitleOrNothing(request.calledAeTitle) ?? '';
    const callingAeTitle = this.#callingAeTitle;
    const who = { callingAeTitle, calledAeTitle, peerAddress: this.peerAddress };
    const why = `${rejection}: ${reason}`;
    this.#parts.logger.warn('association.rejected', { associationId: this.id, ...who, reason: why });
    if (rejection === 'calling-ae-title-not-recognized') {
      this.#parts.audit.record('association.rejected', callingAeTitle, { ...who, reason: rejection });
    }
  }

  async #accept(request: AssociateRequest, peer: Accepted): Promise<void> {
    const { limits, storageClasses, aeTitle, admission, logger } = this.#parts;
    const negotiation = negotiate(request, { aeTitle, storageClasses, window: limits.storesAwaitingCommit });
    this.#state = 'negotiating';
    this.#line.hold('library');
    admission.opened(this);
    const canonical = canonicalRequest({ ...request, roles: negotiation.roles });
    const accepted = await this.#library.accept(canonical, negotiation, limits.maxPduLengthBytes);
    if (!this.#line.isOpen) return;
    if (!accepted) return this.#line.fail(new Error('the library did not accept'));
    const { callingAeTitle, calledAeTitle } = peer;
    this.#open(request, negotiation, peer);
    logger.info('association.accepted', {
      associationId: this.id,
      callingAeTitle,
      calledAeTitle,
      peerAddress: this.peerAddress,
    });
    this.#line.release('library');
  }

  #open(
    request: AssociateRequest,
    negotiation: Negotiation,
    { callingAeTitle, calledAeTitle, rights }: Accepted,
  ): void {
    this.#contexts = acceptedContexts(request, negotiation);
    this.#messages = new Messages(
      {
        peer: { associationId: this.id, callingAeTitle, calledAeTitle, peerAddress: this.peerAddress, rights },
        contexts: this.#contexts,
        peerMaxPduLengthBytes: request.maxPduLengthBytes,
        line: this.#line,
        serve: (pdu) => this.#serve(pdu),
      },
      this.#parts,
    );
    this.#state = 'idle';
  }

  async #serve(pdu: Buffer): Promise<void> {
    await this.#library.receive(pdu);
    this.#line.holdUntilDrained();
  }

  async #release(pdu: Buffer): Promise<void> {
    this.#state = 'releasing';
    await this.#messages?.settled();
    if (!this.#line.isOpen) return;
    await this.#library.receive(pdu);
    if (!this.#line.isOpen) return;
    this.#state = 'closing';
    this.#line.close();
    this.#parts.onReleased(this.id);
    const { instances = 0, sizeBytes = 0 } = this.#messages?.stored ?? {};
    const fields = { associationId: this.id, callingAeTitle: this.#callingAeTitle, instances, sizeBytes };
    this.#parts.logger.info('association.released', { ...fields, durationMs: this.#ageMs() });
  }

  /** Nothing further of this socket is read. */
  #peerAborted(pdu: Buffer): void {
    const [source, reason] = [pdu.readUInt8(8), pdu.readUInt8(9)];
    this.#line.close();
    this.onFault({ error: undefined, reason: `A-ABORT from the peer, source ${source}, reason ${reason}` });
    this.#line.destroy();
  }

  onFault({ error, reason }: LineFault): void {
    const asked = this.#state !== 'await-rq' || error !== undefined;
    if (this.#state === 'closing') return;
    this.#state = 'closing';
    this.#messages?.drop();
    if (!asked || error?.code === 'DIMSE_ARTIM_EXPIRED') return this.#tellClosed(reason, error?.code);
    const { instances = 0 } = this.#messages?.stored ?? {};
    const { id: associationId, peerAddress } = this;
    const fields = { associationId, callingAeTitle: this.#callingAeTitle, peerAddress, instances };
    const why = { durationMs: this.#ageMs(), errorCode: error?.code, reason };
    if (error?.code === 'DIMSE_DEFECT') this.#parts.logger.error('association.aborted', { ...fields, ...why });
    else this.#parts.logger.warn('association.aborted', { ...fields, ...why });
  }

  onClosed(): void {
    this.#state = 'closed';
    this.#library._reset();
    this.#parts.admission.left(this);
    this.#parts.onClosed(this);
  }

  /** A port scan or the check of a load balancer: not worth more than a look. */
  #tellClosed(reason: string, errorCode?: string): void {
    const fields = { peerAddress: this.peerAddress, durationMs: this.#ageMs(), errorCode, reason };
    this.#parts.logger.debug('connection.closed', fields);
  }

  #stopIfIdle(): void {
    if (!this.#stopping) return;
    if (this.#state === 'await-rq') this.stopNow();
    else if (this.#state === 'idle') void this.#stopWhenAnswered();
  }

  async #stopWhenAnswered(): Promise<void> {
    await this.#messages?.settled();
    if (this.#state === 'idle') this.#line.abort(new DimseError('DIMSE_SHUTDOWN'));
  }

  #ageMs(): number {
    return Math.round(this.#parts.wheel.now - this.#startedMs);
  }
}

function acceptedContexts(request: AssociateRequest, negotiation: Negotiation): ReadonlyMap<number, AcceptedContext> {
  const accepted = new Map<number, AcceptedContext>();
  for (const { id, transferSyntaxUid } of negotiation.contexts) {
    const proposed = request.contexts.find((context) => context.id === id);
    if (proposed === undefined || !isUid<TransferSyntaxUid>(transferSyntaxUid)) continue;
    accepted.set(id, { id, abstractSyntaxUid: proposed.abstractSyntaxUid, transferSyntaxUid });
  }
  return accepted;
}
