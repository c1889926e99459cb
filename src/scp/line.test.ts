import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeFile } from '../config/node-schema.ts';
import { encodePData } from '../dimse/pdu-writer.ts';
import { TimerWheel } from '../dimse/timers.ts';
import { Line, type LineFault, type LineHandler } from './line.ts';

const limits = { ...nodeFile.parse({}).scp.limits, inactivityMs: 200, artimMs: 200 };
const part = { contextId: 1, isCommand: true, isLast: true };

let server: Server;
let wheel: TimerWheel;

beforeEach(async () => {
  wheel = new TimerWheel({ now: () => performance.now(), tickMs: 20 });
  wheel.start();
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  wheel.stop();
  server.close();
});

/** Both ends of a connection. */
async function pair(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const accepted = once(server, 'connection');
  const far = connect(address.port, '127.0.0.1');
  far.on('error', () => undefined);
  const [near] = (await accepted) as [Socket];
  return { near, far };
}

/** Calls `onMessage` for each fragment, and remembers how the line ended. */
class Watcher implements LineHandler {
  readonly waiting = 'idle';
  readonly faulted: Promise<LineFault>;
  readonly closed: Promise<void>;
  readonly #onMessage: () => void;
  #onFaulted: (fault: LineFault) => void = () => undefined;
  #onClosed: () => void = () => undefined;

  constructor(onMessage: () => void) {
    this.#onMessage = onMessage;
    this.faulted = new Promise((resolve) => {
      this.#onFaulted = resolve;
    });
    this.closed = new Promise((resolve) => {
      this.#onClosed = resolve;
    });
  }

  onFrame(frame: { readonly kind: string }): void {
    if (frame.kind === 'fragment') this.#onMessage();
  }

  onFault(fault: LineFault): void {
    this.#onFaulted(fault);
  }

  onClosed(): void {
    this.#onClosed();
  }
}

describe('Line', () => {
  test('a peer that asks and never reads its answers is held, then cut off', async () => {
    const answer = Buffer.alloc(4 * 1024 * 1024);
    const { near, far } = await pair();
    let longestQueueBytes = 0;
    const watcher = new Watcher(() => {
      line.write(answer);
      longestQueueBytes = Math.max(longestQueueBytes, near.writableLength);
    });
    const line = new Line(near, limits, wheel, watcher);

    for (let asked = 0; asked < 100; asked++) far.write(encodePData(part, Buffer.from('give me more')));

    expect((await watcher.faulted).error?.code).toBe('DIMSE_INACTIVE');
    expect(longestQueueBytes).toBeLessThanOrEqual(answer.length);
    await watcher.closed;
  });

  test('what is fed while the line is held is read when it is released', async () => {
    let messages = 0;
    const { near, far } = await pair();
    const watcher = new Watcher(() => {
      messages += 1;
      if (messages === 1) line.hold('answers');
    });
    const line = new Line(near, limits, wheel, watcher);

    far.write(Buffer.concat([1, 2, 3].map((value) => encodePData(part, Buffer.of(value, 0)))));
    await once(near, 'data');
    expect(messages).toBe(1);

    line.release('answers');
    expect(messages).toBe(3);
    far.destroy();
    await watcher.closed;
  });

  test('a defect in our own code aborts with 0,0 and spares the process', async () => {
    const { near, far } = await pair();
    const watcher = new Watcher(() => {
      throw new TypeError('oops');
    });
    const line = new Line(near, limits, wheel, watcher);

    far.write(encodePData(part, Buffer.of(1, 0)));
    const [bytes] = (await once(far, 'data')) as [Buffer];

    expect(bytes.toString('hex')).toBe('07000000000400000000');
    expect((await watcher.faulted).error?.code).toBe('DIMSE_DEFECT');
    expect(line.isOpen).toBe(false);
    await watcher.closed;
  });

  test('a peer that floods us after our abort is read no further, and is gone at ARTIM', async () => {
    const { near, far } = await pair();
    const watcher = new Watcher(() => undefined);
    const line = new Line(near, limits, wheel, watcher);
    line.fail(new Error('enough'));

    far.write(Buffer.alloc(8 * 1024 * 1024));
    await watcher.closed;

    expect(near.bytesRead).toBeLessThan(1024 * 1024);
  });
});
