import type { Socket } from 'node:net';

declare module 'dcmjs-dimse' {
  interface Scp {
    readonly socket: Socket;
    _wrapSocket(): void;
    _processPdu(data: Buffer): Promise<void>;
    _reset(): void;
  }
}
