import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { encodeElement } from '../../src/dicom/element-encoder.ts';
import { implicitLittle } from '../../src/dicom/transfer-syntax.ts';
import { type ContextAnswer, encodeAssociateAccept } from '../../src/dimse/associate-accept.ts';
import {
  type AssociateRequest,
  type OperationsWindow,
  type ProposedContext,
  parseAssociateRequest,
} from '../../src/dimse/associate-request.ts';
import { type CommandSet, decodeCommandSet, encodeCommandSet, responseTo } from '../../src/dimse/command-set.ts';
import { pduTypes } from '../../src/dimse/pdu.ts';
import { type Frame, PduReader } from '../../src/dimse/pdu-reader.ts';
import {
  encodeAbort,
  encodeCommandPdus,
  encodePData,
  encodeReject,
  encodeReleaseResponse,
} from '../../src/dimse/pdu-writer.ts';

/** What the peer does with an object: a number is the status of its answer. */
export type StoreManners =
  | number
  | 'abort'
  | 'abort-in-mid-store'
  | 'reset'
  | 'close'
  | 'silence'
  | 'answer-unknown-id'
  | 'answer-garbage'
  | 'answer-early';

export interface Manners {
  readonly negotiate?: 'accept' | 'reject' | 'reject-for-now' | 'abort' | 'reset' | 'close' | 'silence' | 'garbage';
  /** The accepted transfer syntax of a context, or `undefined` to refuse it. */
  readonly accept?: (context: ProposedContext) => string | undefined;
  readonly maxPduLengthBytes?: number;
  readonly window?: OperationsWindow;
  /** Asked for each object, counted from 1 over all associations. */
  readonly store?: (count: number, sopInstanceUid: string) => StoreManners;
  /** Answers are held until so many objects are unanswered, or until nothing has come for a while. */
  readonly answersAtOnce?: number;
  /** SOP instance UIDs that a query finds, whatever it asks for. */
  readonly finds?: readonly string[];
  readonly release?: 'answer' | 'silence';
}

export interface Received {
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly dataSet: Buffer;
}

const limits = { pDataBytes: 1 << 24, associateRqBytes: 1 << 20 };

/** An SCP that speaks raw bytes and may be told to misbehave in one way; what it heard can be asked. */
export class RudeScp implements AsyncDisposable {
  manners: Manners;
  readonly received: Received[] = [];
  /** Message ids that were unanswered at once, at most. */
  mostUnanswered = 0;
  associations = 0;
  echoes = 0;
  /** Source and reason of each A-ABORT that we were sent. */
  readonly aborts: string[] = [];
  /** The longest and the shortest P-DATA-TF but the last of an object, in bytes after the header. */
  readonly pDataLengths: number[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #count = 0;

  private constructor(manners: Manners) {
    this.manners = manners;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(manners: Manners = {}, port = 0): Promise<RudeScp> {
    const scp = new RudeScp(manners);
    scp.#server.listen(port, '127.0.0.1');
    await once(scp.#server, 'listening');
    return scp;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** How many objects were begun or whole. */
  get count(): number {
    return this.#count;
  }

  nextCount(): number {
    return ++this.#count;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.setNoDelay(true);
    const conversation = new Conversation(this, socket);
    socket.on('data', (chunk) => conversation.data(chunk));
  }
}

interface Query {
  readonly command: CommandSet;
  readonly contextId: number;
}

/** One connection. */
class Conversation {
  readonly #scp: RudeScp;
  readonly #socket: Socket;
  readonly #reader = new PduReader(limits);
  #request: AssociateRequest | undefined;
  #accepted: readonly ContextAnswer[] = [];
  #command: Buffer[] = [];
  #data: Buffer[] = [];
  #current: { readonly command: CommandSet; readonly contextId: number; readonly manners: StoreManners } | undefined;
  #query: Query | undefined;
  readonly #owed: (() => void)[] = [];
  #patience: NodeJS.Timeout | undefined;
  #unanswered = 0;

  constructor(scp: RudeScp, socket: Socket) {
    this.#scp = scp;
    this.#socket = socket;
  }

  data(chunk: Buffer): void {
    this.#reader.feed(chunk);
    for (let frame = this.#reader.next(); frame !== undefined; frame = this.#reader.next()) {
      if (this.#socket.destroyed) return;
      this.#frame(frame);
    }
  }

  #frame(frame: Frame): void {
    if (frame.kind === 'header') {
      if (frame.type === pduTypes.pData) this.#scp.pDataLengths.push(frame.lengthBytes);
    } else if (frame.kind === 'fragment') this.#fragment(frame);
    else if (frame.type === pduTypes.associateRq) this.#negotiate(parseAssociateRequest(frame.bytes));
    else if (frame.type === pduTypes.releaseRq) this.#release();
    else if (frame.type === pduTypes.abort) {
      this.#scp.aborts.push(`${frame.bytes.readUInt8(8)},${frame.bytes.readUInt8(9)}`);
      this.#socket.destroy();
    }
  }

  #negotiate(request: AssociateRequest): void {
    const { negotiate = 'accept', maxPduLengthBytes = 16_384, window } = this.#scp.manners;
    this.#scp.associations++;
    if (negotiate === 'reject') this.#socket.end(encodeReject({ result: 1, source: 1, reason: 3 }));
    if (negotiate === 'reject-for-now') this.#socket.end(encodeReject({ result: 2, source: 3, reason: 2 }));
    if (negotiate === 'abort') this.#socket.end(encodeAbort({ source: 2, reason: 0 }));
    if (negotiate === 'reset') this.#socket.resetAndDestroy();
    if (negotiate === 'close') this.#socket.end();
    if (negotiate === 'garbage') this.#socket.write('HTTP/1.1 400 Bad Request\r\n\r\n');
    if (negotiate !== 'accept') return;
    this.#request = request;
    this.#accepted = request.contexts.map((context) => this.#answerContext(context));
    const accept = { contexts: this.#accepted, maxPduLengthBytes, window };
    const ours = { implementationClassUid: '1.2.3.4', implementationVersion: 'RUDE' };
    this.#socket.write(encodeAssociateAccept({ ...accept, ...ours }, request));
  }

  #answerContext(context: ProposedContext): ContextAnswer {
    const { accept = ({ transferSyntaxUids }: ProposedContext) => transferSyntaxUids[0] } = this.#scp.manners;
    const transferSyntaxUid = accept(context);
    return {
      id: context.id,
      result: transferSyntaxUid === undefined ? 4 : 0,
      transferSyntaxUid: transferSyntaxUid ?? '',
    };
  }

  #release(): void {
    if (this.#scp.manners.release !== 'silence') this.#socket.end(encodeReleaseResponse());
  }

  #fragment({ contextId, isCommand, isLast, value }: Extract<Frame, { kind: 'fragment' }>): void {
    if (isCommand) {
      this.#command.push(Buffer.from(value));
      if (isLast) this.#commandEnded(contextId);
      return;
    }
    if (this.#current?.manners === 'abort-in-mid-store')
      return void this.#socket.end(encodeAbort({ source: 2, reason: 0 }));
    this.#data.push(Buffer.from(value));
    if (!isLast) return;
    if (this.#query === undefined) this.#stored();
    else this.#found(this.#query);
  }

  #commandEnded(contextId: number): void {
    const { command } = decodeCommandSet(Buffer.concat(this.#command.splice(0)));
    if (command.commandField === 0x0030) {
      this.#scp.echoes++;
      this.#answer(contextId, command, 0);
      return;
    }
    if (command.commandField === 0x0020) {
      this.#query = { command, contextId };
      return;
    }
    const store = this.#scp.manners.store ?? (() => 0);
    const manners = store(this.#scp.nextCount(), command.affectedSopInstanceUid ?? '');
    this.#current = { command, contextId, manners };
    this.#unanswered++;
    this.#scp.mostUnanswered = Math.max(this.#scp.mostUnanswered, this.#unanswered);
    if (manners === 'answer-early') this.#answer(contextId, command, 0);
  }

  #found({ command, contextId }: Query): void {
    this.#query = undefined;
    this.#data = [];
    for (const uid of this.#scp.manners.finds ?? []) {
      const identifier = Buffer.concat([
        ...encodeElement(0x00080018, 'UI', [Buffer.from(uid, 'latin1')], implicitLittle),
      ]);
      const pending = encodeCommandSet({ ...responseTo(command, { status: 0xff00 }), dataSetType: 0 });
      this.#socket.write(encodePData({ contextId, isCommand: true, isLast: true }, pending));
      this.#socket.write(encodePData({ contextId, isCommand: false, isLast: true }, identifier));
    }
    this.#answer(contextId, command, 0);
  }

  #stored(): void {
    const current = this.#current;
    if (current === undefined) throw new Error('a data set without a command');
    const { command, contextId, manners } = current;
    const syntax = this.#accepted.find(({ id }) => id === contextId)?.transferSyntaxUid ?? '';
    const dataSet = Buffer.concat(this.#data.splice(0));
    this.#scp.received.push({
      sopInstanceUid: command.affectedSopInstanceUid ?? '',
      transferSyntaxUid: syntax,
      dataSet,
    });
    this.#owed.push(() => this.#behave(contextId, command, manners));
    clearTimeout(this.#patience);
    if (this.#owed.length >= (this.#scp.manners.answersAtOnce ?? 1)) this.#payAll();
    else this.#patience = setTimeout(() => this.#payAll(), 100);
  }

  #payAll(): void {
    for (const answer of this.#owed.splice(0)) answer();
  }

  #behave(contextId: number, command: CommandSet, manners: StoreManners): void {
    this.#unanswered--;
    if (typeof manners === 'number') return this.#answer(contextId, command, manners);
    if (manners === 'abort') this.#socket.end(encodeAbort({ source: 0, reason: 0 }));
    if (manners === 'reset') this.#socket.resetAndDestroy();
    if (manners === 'close') this.#socket.end();
    if (manners === 'answer-unknown-id') this.#answer(contextId, { ...command, messageId: 4_711 }, 0);
    if (manners === 'answer-garbage') {
      this.#socket.write(encodePData({ contextId, isCommand: true, isLast: true }, Buffer.alloc(60, 0xff)));
    }
  }

  #answer(contextId: number, command: CommandSet, status: number): void {
    const { affectedSopClassUid, affectedSopInstanceUid } = command;
    const answer = responseTo(command, { status, affectedSopClassUid, affectedSopInstanceUid });
    const maxPduLengthBytes = this.#request?.maxPduLengthBytes ?? 16_384;
    this.#socket.write(encodeCommandPdus(contextId, encodeCommandSet(answer), maxPduLengthBytes));
  }
}
