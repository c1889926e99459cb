import { connect as connectTcp, type Socket } from 'node:net';
import { SenderError } from './errors.ts';

export interface Peer {
  readonly host: string;
  readonly port: number;
}

/**
 * A TCP connection with Nagle's algorithm off: it would hold the last piece of each object back for 40 ms (dicom-io.md 4.4).
 * @throws SenderError SENDER_UNREACHABLE · SENDER_STOPPED
 */
export function connect(peer: Peer, timeoutMs: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new SenderError('SENDER_STOPPED'));
    const socket = connectTcp({ ...peer, noDelay: true, keepAlive: true });
    const settle = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      socket.off('connect', connected).off('error', failed);
    };
    const fail = (error: SenderError): void => {
      settle();
      socket.on('error', () => undefined); // What comes after the end is nobody's.
      socket.destroy();
      reject(error);
    };
    const connected = (): void => {
      settle();
      resolve(socket);
    };
    const failed = (error: Error): void => fail(new SenderError('SENDER_UNREACHABLE', { system: systemCode(error) }));
    const stop = (): void => fail(new SenderError('SENDER_STOPPED'));
    const timer = setTimeout(() => fail(new SenderError('SENDER_UNREACHABLE', { timeoutMs })), timeoutMs);
    signal.addEventListener('abort', stop, { once: true });
    socket.once('connect', connected).once('error', failed);
  });
}

/** The system's name of an error; its message may hold a host name. */
function systemCode(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
