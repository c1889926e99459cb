import type { Socket } from 'node:net';

// Members that dcmjs-dimse 0.3.3 has and its own types do not name; test/contract/dcmjs-dimse.test.ts pins them.
declare module 'dcmjs-dimse' {
  interface Scp {
    readonly socket: Socket;
    /** Called once by the constructor, before any field of a subclass exists. */
    _wrapSocket(): void;
    /** Takes one whole PDU. Never rejects: what is wrong comes as the event `networkError`. */
    _processPdu(data: Buffer): Promise<void>;
    _reset(): void;
    /** Bytes of the command that is coming in; kept after a command without data set, which is a defect. */
    dimseStream: unknown;
  }
}
