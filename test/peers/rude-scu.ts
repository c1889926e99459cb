import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { parseAssociateAccept } from '../../src/dimse/associate-accept.ts';
import type { AssociateRequest, ProposedContext } from '../../src/dimse/associate-request.ts';
import { encodeAssociateRequest } from '../../src/dimse/associate-request.ts';
import { type CommandSet, decodeCommandSet, encodeCommandSet, storeRequest } from '../../src/dimse/command-set.ts';
import { type Frame, PduReader } from '../../src/dimse/pdu-reader.ts';
import { encodeAbort, encodeReleaseRequest } from '../../src/dimse/pdu-writer.ts';
import { parseRejection } from '../../src/dimse/rejection.ts';

export const ctClass = '1.2.840.10008.5.1.4.1.1.2';
export const mrClass = '1.2.840.10008.5.1.4.1.1.4';
export const verification = '1.2.840.10008.1.1';
export const explicitLittle = '1.2.840.10008.1.2.1';
export const implicitLittle = '1.2.840.10008.1.2';

/** The contexts of the probes: 1 CT in explicit little endian, 3 Verification, 5 CT again. */
const probeContexts: readonly ProposedContext[] = [
  { id: 1, abstractSyntaxUid: ctClass, transferSyntaxUids: [explicitLittle] },
  { id: 3, abstractSyntaxUid: verification, transferSyntaxUids: [implicitLittle] },
  { id: 5, abstractSyntaxUid: ctClass, transferSyntaxUids: [implicitLittle, explicitLittle] },
];

/** A well-formed A-ASSOCIATE-RQ; probes change one thing about it. */
export function request(change: Partial<AssociateRequest> = {}): AssociateRequest {
  return {
    protocolVersion: 1,
    calledAeTitle: 'DIFFCODE',
    callingAeTitle: 'RUDE',
    applicationContext: '1.2.840.10008.3.1.1.1',
    contexts: probeContexts,
    maxPduLengthBytes: 16_384,
    implementationClassUid: '1.2.3.4',
    implementationVersion: 'RUDE',
    window: undefined,
    roles: [],
    hasUserIdentity: false,
    ...change,
  };
}

/** One P-DATA-TF of any PDVs. */
export function pData(...pdvs: readonly Buffer[]): Buffer {
  return pdu(0x04, Buffer.concat(pdvs));
}

/** Any PDU: type, length, body. */
export function pdu(type: number, body: Buffer): Buffer {
  const header = Buffer.from([type, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 2);
  return Buffer.concat([header, body]);
}

/** A PDV with the control byte as given: 3 last command, 1 command, 2 last data, 0 data. */
export function pdv(contextId: number, control: number, value: Buffer): Buffer {
  const header = Buffer.from([0, 0, 0, 0, contextId, control]);
  header.writeUInt32BE(value.length + 2, 0);
  return Buffer.concat([header, value]);
}

/** `C`: the command of a C-STORE. */
export function storeCommand(message: {
  readonly messageId?: number;
  readonly sopClassUid?: string;
  readonly sopInstanceUid: string;
}): Buffer {
  return encodeCommandSet(storeRequest({ messageId: 1, sopClassUid: ctClass, ...message }));
}

/** `E`: the command of a C-ECHO. */
export function echoCommand(messageId: number): Buffer {
  return encodeCommandSet({ affectedSopClassUid: verification, commandField: 0x30, messageId, dataSetType: 0x101 });
}

/** A C-STORE as it should be: its command in one PDU, its data set in PDUs of `pieceBytes`. */
export function store(
  message: { readonly messageId?: number; readonly sopInstanceUid: string; readonly contextId?: number },
  dataSet: Buffer,
  pieceBytes = 16_000,
): Buffer {
  const contextId = message.contextId ?? 1;
  const pdus = [pData(pdv(contextId, 3, storeCommand(message)))];
  for (let offset = 0; offset < dataSet.length; offset += pieceBytes) {
    const last = offset + pieceBytes >= dataSet.length;
    pdus.push(pData(pdv(contextId, last ? 2 : 0, dataSet.subarray(offset, offset + pieceBytes))));
  }
  return Buffer.concat(pdus);
}

const open = new Set<RudeScu>();

/** Closes every client that a test has left open. */
export async function closeAll(): Promise<void> {
  await Promise.all([...open].map((scu) => scu.gone()));
}

/** A client that speaks raw bytes and no manners. What it hears is one word per PDU, as in dicom-io.md 5. */
export class RudeScu {
  readonly socket: Socket;
  readonly #asked: AssociateRequest;
  readonly #reader = new PduReader({ pDataBytes: 2 ** 20, associateRqBytes: 2 ** 20 });
  readonly #heard: { readonly word: string; readonly answer?: CommandSet }[] = [];
  readonly #waiters: (() => void)[] = [];
  #command: Buffer[] = [];
  /** The command set of the answer that was heard last. */
  answer: CommandSet = {};
  /** The A-ASSOCIATE-AC as bytes. */
  accept: Buffer = Buffer.alloc(0);

  private constructor(socket: Socket, asked: AssociateRequest) {
    this.socket = socket;
    this.#asked = asked;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#read(chunk));
    socket.on('end', () => this.#hear('FIN'));
    socket.on('error', () => this.#hear('RST'));
    socket.on('close', () => {
      open.delete(this);
      this.#hear('closed');
    });
  }

  static async connect(port: number, asked: AssociateRequest = request()): Promise<RudeScu> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const scu = new RudeScu(socket, asked);
    open.add(scu);
    await once(socket, 'connect');
    return scu;
  }

  /** Connects and gets an association. */
  static async associate(port: number, asked: AssociateRequest = request()): Promise<RudeScu> {
    const scu = await RudeScu.connect(port, asked);
    scu.send(encodeAssociateRequest(asked));
    const answer = await scu.hears();
    if (answer !== 'AC') throw new Error(`no association: ${answer}`);
    return scu;
  }

  send(...bytes: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  /** Writes with back-pressure; gives up when the peer has gone. */
  async sendAll(bytes: Buffer): Promise<void> {
    if (this.socket.destroyed || this.socket.write(bytes)) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        this.socket.off('drain', go).off('close', go);
        resolve();
      };
      this.socket.on('drain', go).on('close', go);
    });
  }

  /**
   * The next thing that is heard: `AC`, `RJ(1,1,3)`, `AB(2,6)`, `RP`, an answer's status in hexadecimal (`0`, `a700`),
   * `FIN`, `RST`, `closed`, or `-` for silence.
   */
  async hears(waitMs = 5000): Promise<string> {
    const deadlineMs = performance.now() + waitMs;
    while (this.#heard.length === 0 && performance.now() < deadlineMs) await this.#news(deadlineMs - performance.now());
    const heard = this.#heard.shift() ?? { word: '-' };
    if (heard.answer !== undefined) this.answer = heard.answer;
    return heard.word;
  }

  /** The next `count` things that are heard. */
  async hearsAll(count: number): Promise<string[]> {
    const heard: string[] = [];
    for (let index = 0; index < count; index++) heard.push(await this.hears());
    return heard;
  }

  release(): void {
    this.send(encodeReleaseRequest());
  }

  abort(): void {
    this.send(encodeAbort({ source: 0, reason: 0 }));
  }

  /** Ends with a reset instead of a FIN. */
  reset(): void {
    this.socket.resetAndDestroy();
  }

  close(): void {
    this.socket.destroy();
  }

  /** Closes, and resolves when the socket is gone. */
  async gone(): Promise<void> {
    this.close();
    if (!this.socket.closed) await once(this.socket, 'close');
  }

  #news(waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#waiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #hear(word: string, answer?: CommandSet): void {
    this.#heard.push(answer === undefined ? { word } : { word, answer });
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  #read(chunk: Buffer): void {
    this.#reader.feed(chunk);
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) this.#frame(frame);
  }

  #frame(frame: Frame): void {
    if (frame.kind === 'fragment') this.#fragment(frame.value, frame.isLast);
    if (frame.kind === 'pdu') this.#hear(this.#wordFor(frame.type, frame.bytes));
  }

  #fragment(value: Buffer, isLast: boolean): void {
    this.#command.push(Buffer.from(value));
    if (!isLast) return;
    const answer = decodeCommandSet(Buffer.concat(this.#command)).command;
    this.#command = [];
    this.#hear((answer.status ?? -1).toString(16), answer);
  }

  #wordFor(type: number, bytes: Buffer): string {
    if (type === 0x06) return 'RP';
    if (type === 0x07) return `AB(${bytes.readUInt8(8)},${bytes.readUInt8(9)})`;
    if (type === 0x03) {
      const { result, source, reason } = parseRejection(bytes);
      return `RJ(${result},${source},${reason})`;
    }
    this.accept = bytes;
    return type === 0x02 ? 'AC' : `type ${type}`;
  }

  /** The A-ASSOCIATE-AC, decoded. */
  get accepted(): ReturnType<typeof parseAssociateAccept> {
    return parseAssociateAccept(this.accept, this.#asked);
  }
}

/** A C-ECHO on an association of its own: `0` when the node is well. */
export async function echo(port: number, change: Partial<AssociateRequest> = {}): Promise<string> {
  const scu = await RudeScu.associate(port, request(change));
  scu.send(pData(pdv(3, 3, echoCommand(1))));
  const answer = await scu.hears();
  scu.release();
  await scu.hears();
  scu.close();
  return answer;
}
