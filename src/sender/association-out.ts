import type { Socket } from 'node:net';
import type { AssociateAccept } from '../dimse/associate-accept.ts';
import { parseAssociateAccept } from '../dimse/associate-accept.ts';
import { type AssociateRequest, encodeAssociateRequest } from '../dimse/associate-request.ts';
import { BoundedBuffer } from '../dimse/bounded-buffer.ts';
import {
  announcesDataSet,
  type CommandSet,
  commandFields,
  decodeCommandSet,
  encodeCommandSet,
} from '../dimse/command-set.ts';
import { type AbortReason, DimseError } from '../dimse/errors.ts';
import { type ControlPduType, pduTypes } from '../dimse/pdu.ts';
import { type Frame, PduReader } from '../dimse/pdu-reader.ts';
import { encodeAbort, encodeCommandPdus, encodeReleaseRequest, encodeReleaseResponse } from '../dimse/pdu-writer.ts';
import { parseRejection } from '../dimse/rejection.ts';
import { connect, type Peer } from './connect.ts';
import { SenderError, type SenderErrorCode } from './errors.ts';

export interface AssociationTimeouts {
  readonly connectTimeoutMs: number;
  readonly acceptTimeoutMs: number;
  readonly responseTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly releaseTimeoutMs: number;
}

/** The status of an answer (PS3.7 annex C). */
interface Answer {
  readonly status: number;
}

/** A request whose answer is due; `onMatch` where answers with a data set may come before the last (C-FIND). */
interface Question extends Waiter<Answer> {
  readonly onMatch: ((identifier: Buffer) => void) | undefined;
}

/** What a request is made of. `write` sends what belongs to it, given the command's PDUs to begin with. */
export interface Request {
  readonly contextId: number;
  readonly command: CommandSet;
  readonly maxPduLengthBytes: number;
  readonly write: (commandPdus: Buffer) => Promise<void>;
  readonly onMatch?: (identifier: Buffer) => void;
}

interface Waiter<T> {
  resolve(value: T): void;
  reject(error: SenderError): void;
}

const limits = { pDataBytes: 1 << 20, associateRqBytes: 1 << 20 };
/** Longest command set, or answer to a query, that we read. */
const messageLimitBytes = 65_536;
const shortestPduBytes = 128;
const lastPduMs = 1_000;
const programError: AbortReason = { source: 0, reason: 0 };
const notSpecified: AbortReason = { source: 2, reason: 0 };

/**
 * An association that we asked for (PS3.8 7.1): commands go out, answers are matched by message id. It ends once, in
 * order by `release`, or with a `SenderError` that every call in flight hears (dicom-io.md 4.3).
 */
export class AssociationOut {
  readonly #socket: Socket;
  readonly #request: AssociateRequest;
  readonly #timeouts: AssociationTimeouts;
  readonly #reader = new PduReader(limits);
  readonly #command = new BoundedBuffer();
  readonly #questions = new Map<number, Question>();
  /** The data set that the command before it announced. */
  readonly #identifier = new BoundedBuffer();
  #match: Question['onMatch'];
  #negotiation: Waiter<AssociateAccept> | undefined;
  #release: Waiter<void> | undefined;
  #fault: SenderError | undefined;
  #lastMessageId = 0;

  private constructor(socket: Socket, request: AssociateRequest, timeouts: AssociationTimeouts) {
    this.#socket = socket;
    this.#request = request;
    this.#timeouts = timeouts;
    socket.on('data', (chunk) => this.#data(chunk));
    socket.on('end', () => this.#lost('end of connection'));
    socket.on('error', (error) => this.#lost('code' in error ? String(error.code) : error.name));
    socket.on('close', () => this.#lost('connection closed'));
  }

  /**
   * Connects and negotiates. The signal ends the association at any time.
   * @throws SenderError SENDER_UNREACHABLE · SENDER_REJECTED · SENDER_BUSY · SENDER_ABORTED · SENDER_PROTOCOL · SENDER_STOPPED
   */
  static async open(
    peer: Peer,
    request: AssociateRequest,
    timeouts: AssociationTimeouts,
    signal: AbortSignal,
  ): Promise<{ readonly association: AssociationOut; readonly accept: AssociateAccept }> {
    const socket = await connect(peer, timeouts.connectTimeoutMs, signal);
    const association = new AssociationOut(socket, request, timeouts);
    const stop = (): void => association.abort(notSpecified, new SenderError('SENDER_STOPPED'));
    signal.addEventListener('abort', stop, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', stop));
    return { association, accept: await association.#negotiate() };
  }

  /** How it ended, once it has; `undefined` while it is open. */
  get fault(): SenderError | undefined {
    return this.#fault;
  }

  /** Sends a request; resolves with its last answer, which may come before `write` has ended. */
  async ask({ contextId, command, maxPduLengthBytes, write, onMatch }: Request): Promise<Answer> {
    const messageId = this.#nextMessageId();
    const answer = this.#expect(messageId, onMatch);
    answer.catch(() => undefined); // Heard below, or by `write` first.
    const pdus = encodeCommandPdus(contextId, encodeCommandSet({ ...command, messageId }), maxPduLengthBytes);
    try {
      await write(pdus);
    } catch (error) {
      this.#questions.delete(messageId);
      throw error;
    }
    const timer = this.#failAfter(this.#timeouts.responseTimeoutMs, 'SENDER_TIMEOUT', 'no answer');
    try {
      return await answer;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Hands all chunks to the system at once (`writev`); resolves when it has taken the last byte. */
  write(chunks: readonly Buffer[]): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#fault !== undefined) return reject(this.#fault);
      const timer = this.#failAfter(this.#timeouts.drainTimeoutMs, 'SENDER_TIMEOUT', 'no byte taken');
      const written = (): void => {
        clearTimeout(timer);
        if (this.#fault === undefined) resolve();
        else reject(this.#fault);
      };
      this.#socket.cork();
      chunks.forEach((chunk, index) => {
        if (index < chunks.length - 1) this.#socket.write(chunk);
        else this.#socket.write(chunk, written);
      });
      this.#socket.uncork();
    });
  }

  /** Ends in order. Whatever goes wrong here changes nothing: every answer was heard before. */
  async release(): Promise<void> {
    if (this.#fault !== undefined) return;
    const released = new Promise<void>((resolve) => {
      this.#release = { resolve, reject: () => resolve() };
    });
    this.#socket.write(encodeReleaseRequest());
    const timer = this.#failAfter(this.#timeouts.releaseTimeoutMs, 'SENDER_TIMEOUT', 'no release');
    await released;
    clearTimeout(timer);
    this.#fault ??= new SenderError('SENDER_STOPPED');
    this.#close();
  }

  /** Ends at once. Calls in flight hear `fault`. */
  abort(reason: AbortReason, fault: SenderError): void {
    if (this.#fault !== undefined) return;
    if (this.#socket.writable) this.#socket.write(encodeAbort(reason));
    this.#end(fault);
  }

  async #negotiate(): Promise<AssociateAccept> {
    const answered = new Promise<AssociateAccept>((resolve, reject) => {
      this.#negotiation = { resolve, reject };
    });
    this.#socket.write(encodeAssociateRequest(this.#request));
    const timer = this.#failAfter(this.#timeouts.acceptTimeoutMs, 'SENDER_UNREACHABLE', 'no answer to the request');
    try {
      return await answered;
    } finally {
      clearTimeout(timer);
    }
  }

  #expect(messageId: number, onMatch: Question['onMatch']): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#fault === undefined) this.#questions.set(messageId, { resolve, reject, onMatch });
      else reject(this.#fault);
    });
  }

  #nextMessageId(): number {
    do this.#lastMessageId = (this.#lastMessageId % 65_535) + 1;
    while (this.#questions.has(this.#lastMessageId));
    return this.#lastMessageId;
  }

  #failAfter(timeoutMs: number, code: SenderErrorCode, waitedFor: string): NodeJS.Timeout {
    return setTimeout(() => this.abort(notSpecified, new SenderError(code, { waitedFor, timeoutMs })), timeoutMs);
  }

  #lost(what: string): void {
    if (this.#fault === undefined) this.#end(new SenderError('SENDER_ABORTED', { what }));
  }

  #end(fault: SenderError): void {
    this.#fault = fault;
    this.#close();
    this.#negotiation?.reject(fault);
    this.#release?.reject(fault);
    for (const waiter of this.#questions.values()) waiter.reject(fault);
    this.#questions.clear();
  }

  /** Our last PDU may still leave; a peer that takes no bytes does not keep the socket open. */
  #close(): void {
    const timer = setTimeout(() => this.#socket.destroy(), lastPduMs);
    this.#socket.once('close', () => clearTimeout(timer));
    this.#socket.destroySoon();
  }

  #data(chunk: Buffer): void {
    try {
      this.#reader.feed(chunk);
      while (this.#fault === undefined) {
        const frame = this.#reader.next();
        if (frame === undefined) break;
        this.#frame(frame);
      }
    } catch (error) {
      if (!(error instanceof DimseError)) throw error;
      this.abort(programError, new SenderError('SENDER_PROTOCOL', { error: error.code }, { cause: error }));
    }
  }

  #frame(frame: Frame): void {
    if (frame.kind === 'pdu') this.#pdu(frame.type, frame.bytes);
    if (frame.kind !== 'fragment') return;
    if (this.#negotiation !== undefined || frame.isCommand !== (this.#match === undefined)) {
      throw new DimseError('DIMSE_UNEXPECTED_PDU');
    }
    const gathered = frame.isCommand ? this.#command : this.#identifier;
    gathered.append(frame.value);
    if (gathered.length > messageLimitBytes) throw new DimseError('DIMSE_COMMAND_TOO_LONG');
    if (!frame.isLast) return;
    if (frame.isCommand) this.#answer(decodeCommandSet(gathered.take()).command);
    else this.#matched(gathered.take());
  }

  #answer(command: CommandSet): void {
    const { commandField = 0, messageIdBeingRespondedTo = 0, status } = command;
    const question = this.#questions.get(messageIdBeingRespondedTo);
    const hasMatch = announcesDataSet(command);
    const isAnswer = (commandField & commandFields.response) !== 0 && (!hasMatch || question?.onMatch !== undefined);
    if (question === undefined || !isAnswer || status === undefined) {
      throw new DimseError('DIMSE_UNEXPECTED_PDU', { commandField });
    }
    if (hasMatch) {
      this.#match = question.onMatch;
      return;
    }
    this.#questions.delete(messageIdBeingRespondedTo);
    question.resolve({ status });
  }

  #matched(identifier: Buffer): void {
    this.#match?.(identifier);
    this.#match = undefined;
  }

  #pdu(type: ControlPduType, bytes: Buffer): void {
    if (type === pduTypes.abort) return this.#end(abortedBy(bytes));
    if (this.#negotiation !== undefined) return this.#negotiated(this.#negotiation, type, bytes);
    if (type === pduTypes.releaseRp && this.#release !== undefined) return this.#release.resolve();
    if (type !== pduTypes.releaseRq) throw new DimseError('DIMSE_UNEXPECTED_PDU', { type });
    this.#socket.write(encodeReleaseResponse());
    if (this.#release === undefined) this.#end(new SenderError('SENDER_ABORTED', { what: 'release by the peer' }));
  }

  #negotiated(negotiation: Waiter<AssociateAccept>, type: ControlPduType, bytes: Buffer): void {
    if (type === pduTypes.associateRj) return this.#end(rejectedBy(bytes));
    if (type !== pduTypes.associateAc) throw new DimseError('DIMSE_UNEXPECTED_PDU', { type });
    const accept = parseAssociateAccept(bytes, this.#request);
    const { maxPduLengthBytes } = accept;
    if (maxPduLengthBytes > 0 && maxPduLengthBytes < shortestPduBytes) {
      throw new DimseError('DIMSE_BAD_ASSOCIATE_AC', { maxPduLengthBytes });
    }
    this.#negotiation = undefined;
    negotiation.resolve(accept);
  }
}

function abortedBy(bytes: Buffer): SenderError {
  return new SenderError('SENDER_ABORTED', { source: bytes.readUInt8(8), reason: bytes.readUInt8(9) });
}

/** Result 2 is transient (PS3.8 table 9-21): the peer is full; anything else is for its administrator. */
function rejectedBy(bytes: Buffer): SenderError {
  const { result, source, reason } = parseRejection(bytes);
  return new SenderError(result === 2 ? 'SENDER_BUSY' : 'SENDER_REJECTED', { result, source, reason });
}
