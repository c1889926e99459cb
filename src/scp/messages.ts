import { BoundedBuffer } from '../dimse/bounded-buffer.ts';
import {
  announcesDataSet,
  type CommandSet,
  commandFields,
  type DecodedCommand,
  decodeCommandSet,
  encodeCommandSet,
} from '../dimse/command-set.ts';
import { DimseError } from '../dimse/errors.ts';
import type { Frame } from '../dimse/pdu-reader.ts';
import { encodeCommandPdus, encodePData } from '../dimse/pdu-writer.ts';
import type { State } from '../dimse/upper-layer-states.ts';
import { Answers } from './answers.ts';
import type { ScpLimits } from './limits.ts';
import type { Line } from './line.ts';
import { encodeResponse } from './responses.ts';
import type { StoreErrorCode } from './status.ts';
import type { OpenStore, StorePeer, StoreService } from './storing/store.ts';
import { type AcceptedContext, checkStoreCommand, uidOrNothing } from './storing/store-checks.ts';

export type Fragment = Extract<Frame, { readonly kind: 'fragment' }>;

/** What an association lends to the messages on it. */
export interface MessageHost {
  readonly peer: StorePeer;
  readonly contexts: ReadonlyMap<number, AcceptedContext>;
  /** Longest P-DATA-TF that the peer takes. */
  readonly peerMaxPduLengthBytes: number;
  readonly line: Pick<Line, 'write' | 'hold' | 'release' | 'fail'>;
  /** Has the library serve a command, and write its answer. */
  serve(pdu: Buffer): Promise<void>;
}

export interface MessageParts {
  readonly store: StoreService;
  readonly storageClasses: ReadonlySet<string>;
  readonly limits: ScpLimits;
}

interface StoredDataSet {
  readonly kind: 'store';
  readonly open: OpenStore;
  readonly command: CommandSet;
  readonly messageId: number;
}

/** Swallowed, then answered. */
interface SkippedDataSet {
  readonly kind: 'skip';
  readonly maxBytes: number;
  readonly answer: (skippedBytes: number) => void;
  skippedBytes: number;
}

/** The messages of one open association: commands gathered, data sets streamed, answers in order (dicom-io.md 3.2). */
export class Messages {
  readonly #host: MessageHost;
  readonly #parts: MessageParts;
  readonly #answers: Answers;
  readonly #command = new BoundedBuffer();
  #contextId = 0;
  #dataSet: StoredDataSet | SkippedDataSet | undefined;
  /** Objects that were stored on this association, and their bytes. */
  readonly stored = { instances: 0, sizeBytes: 0 };

  constructor(host: MessageHost, parts: MessageParts) {
    this.#host = host;
    this.#parts = parts;
    this.#answers = new Answers({ onSent: () => this.#ease(), onDefect: (cause) => host.line.fail(cause) });
  }

  /** Context of the message that is coming in. */
  get contextId(): number {
    return this.#contextId;
  }

  /** Resolves when every request so far has been answered. */
  settled(): Promise<void> {
    return this.#answers.settled();
  }

  /** The association is over: the object that is coming in is dropped, those that are being committed go on. */
  drop(): void {
    this.#answers.drop();
    const dataSet = this.#dataSet;
    this.#dataSet = undefined;
    if (dataSet?.kind === 'store') void dataSet.open.sink.discard();
  }

  /**
   * A part of a command set.
   * @throws DimseError DIMSE_COMMAND_TOO_LONG · DIMSE_BAD_COMMAND_SET · DIMSE_UNEXPECTED_PDU
   */
  commandFragment({ contextId, value, isLast }: Fragment): State {
    const maxBytes = this.#parts.limits.commandSetBytes;
    if (this.#command.length + value.length > maxBytes) throw new DimseError('DIMSE_COMMAND_TOO_LONG', { maxBytes });
    this.#contextId = contextId;
    this.#command.append(value);
    return isLast ? this.#dispatch(this.#command.take()) : 'command';
  }

  /**
   * A part of a data set.
   * @throws DimseError DIMSE_DATA_SET_TOO_LONG
   */
  dataFragment({ value, isLast }: Fragment): State {
    const dataSet = this.#dataSet;
    if (dataSet?.kind === 'store') return this.#storeData(dataSet, value, isLast);
    if (dataSet?.kind === 'skip') return this.#skipData(dataSet, value, isLast);
    return 'idle';
  }

  #dispatch(bytes: Buffer): State {
    const decoded = decodeCommandSet(bytes);
    const { commandField, messageId, dataSetType } = decoded.command;
    if (commandField === undefined || dataSetType === undefined) {
      throw new DimseError('DIMSE_BAD_COMMAND_SET', { what: 'no command field or data set type' });
    }
    if (commandField === commandFields.cCancelRq) return this.#swallow(decoded.command, () => undefined);
    if ((commandField & commandFields.response) !== 0) {
      throw new DimseError('DIMSE_UNEXPECTED_PDU', { what: 'an answer to nothing', commandField });
    }
    if (messageId === undefined) throw new DimseError('DIMSE_BAD_COMMAND_SET', { what: 'no message id' });
    return this.#request(decoded, messageId);
  }

  #request(decoded: DecodedCommand, messageId: number): State {
    const { command } = decoded;
    if (this.#answers.isOutstanding(messageId)) return this.#refuse(command, messageId, 'SCP_DUPLICATE_INVOCATION');
    if (command.commandField === commandFields.cStoreRq) return this.#beginStore(decoded, messageId);
    if (command.commandField !== commandFields.cEchoRq) {
      return this.#refuse(command, messageId, 'SCP_UNRECOGNIZED_OPERATION');
    }
    if (announcesDataSet(command)) return this.#refuse(command, messageId, 'SCP_MISTYPED_ARGUMENT');
    const pdu = echoPdu(this.#contextId, command);
    this.#owe(messageId, () => this.#host.serve(pdu));
    return 'idle';
  }

  #beginStore(decoded: DecodedCommand, messageId: number): State {
    const { command } = decoded;
    const context = this.#host.contexts.get(this.#contextId);
    if (context === undefined) return this.#refuse(command, messageId, 'SCP_DEFECT');
    const { storageClasses, store } = this.#parts;
    const { peer } = this.#host;
    const checked = checkStoreCommand(decoded, context, { storageClasses, mayStore: peer.rights.store });
    if (checked.kind === 'refused') return this.#refuse(command, messageId, checked.code);
    const opened = store.open(checked.value, peer);
    if (opened.kind === 'refused') return this.#refuse(command, messageId, opened.code);
    this.#dataSet = { kind: 'store', open: opened.value, command, messageId };
    return 'data';
  }

  /** What goes beyond the limit is swallowed, so that it can be answered; but not for ever. */
  #storeData(dataSet: StoredDataSet, value: Buffer, isLast: boolean): State {
    const { open, command, messageId } = dataSet;
    const busy = open.sink.write(value);
    const maxBytes = 2 * this.#parts.limits.storeDataSetBytes;
    if (open.sink.dataSetBytes > maxBytes) throw new DimseError('DIMSE_DATA_SET_TOO_LONG', { maxBytes });
    if (busy !== undefined) void this.#holdUntil(busy);
    if (!isLast) return 'data';
    this.#dataSet = undefined;
    const contextId = this.#contextId;
    const finished = this.#parts.store.finish(open);
    this.#owe(messageId, async () => {
      const answer = await finished;
      if (answer.kind === 'stored') this.#count(open);
      this.#send(contextId, command, answer.kind === 'stored' ? undefined : answer.code);
    });
    return 'idle';
  }

  async #holdUntil(busy: Promise<void>): Promise<void> {
    this.#host.line.hold('disk');
    await busy;
    this.#host.line.release('disk');
  }

  #count(open: OpenStore): void {
    this.stored.instances += 1;
    this.stored.sizeBytes += open.sink.dataSetBytes;
  }

  #skipData(dataSet: SkippedDataSet, value: Buffer, isLast: boolean): State {
    dataSet.skippedBytes += value.length;
    const { skippedBytes, maxBytes, answer } = dataSet;
    if (skippedBytes > maxBytes) throw new DimseError('DIMSE_DATA_SET_TOO_LONG', { maxBytes });
    if (!isLast) return 'skip';
    this.#dataSet = undefined;
    answer(skippedBytes);
    return 'idle';
  }

  /** Answers a request with a failure, after its data set if one follows. */
  #refuse(command: CommandSet, messageId: number, code: StoreErrorCode): State {
    const contextId = this.#contextId;
    return this.#swallow(command, (skippedBytes) => {
      this.#tellRefused(command, code, skippedBytes);
      this.#owe(messageId, () => this.#send(contextId, command, code));
    });
  }

  #swallow(command: CommandSet, answer: (skippedBytes: number) => void): State {
    if (!announcesDataSet(command)) {
      answer(0);
      return 'idle';
    }
    const { storeDataSetBytes, otherDataSetBytes } = this.#parts.limits;
    const maxBytes = command.commandField === commandFields.cStoreRq ? storeDataSetBytes : otherDataSetBytes;
    this.#dataSet = { kind: 'skip', maxBytes, skippedBytes: 0, answer };
    return 'skip';
  }

  #tellRefused(command: CommandSet, code: StoreErrorCode, sizeBytes: number): void {
    const { peer } = this.#host;
    if (command.commandField === commandFields.cStoreRq) this.#parts.store.tellRefused(code, peer, command, sizeBytes);
    else this.#parts.store.tellNotServed(code, peer, command);
  }

  #owe(messageId: number, answer: () => Promise<void> | void): void {
    this.#answers.add(messageId, answer);
    if (this.#answers.due >= this.#parts.limits.storesAwaitingCommit) this.#host.line.hold('answers');
  }

  #ease(): void {
    if (this.#answers.due <= this.#parts.limits.storesAwaitingCommit / 2) this.#host.line.release('answers');
  }

  #send(contextId: number, command: CommandSet, code: StoreErrorCode | undefined): void {
    const response = encodeResponse(command, code);
    this.#host.line.write(encodeCommandPdus(contextId, response, this.#host.peerMaxPduLengthBytes));
  }
}

/** A C-ECHO for the library, which is to see nothing of the peer's bytes that we did not read ourselves. */
function echoPdu(contextId: number, { commandField, messageId, dataSetType, affectedSopClassUid }: CommandSet): Buffer {
  const command = { commandField, messageId, dataSetType, affectedSopClassUid: uidOrNothing(affectedSopClassUid) };
  return encodePData({ contextId, isCommand: true, isLast: true }, encodeCommandSet(command));
}
