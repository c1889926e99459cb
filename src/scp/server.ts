import { createServer, type Server, type Socket } from 'node:net';
import type { Config } from '../config/schema.ts';
import { forwardedSopClasses } from '../dicom/forwarded-sop-classes.ts';
import { imageSopClasses } from '../dicom/sop-classes.ts';
import { TimerWheel } from '../dimse/timers.ts';
import { LedgerError } from '../ledger/errors.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Audit } from '../observe/audit.ts';
import type { Logger } from '../observe/logger.ts';
import { SpoolError } from '../spool/errors.ts';
import type { Spool } from '../spool/spool.ts';
import type { SpaceVerdict } from '../spool/watermarks.ts';
import { Admission } from './admission.ts';
import { type HouseState, welcome } from './admit.ts';
import { Association, type AssociationParts } from './association.ts';
import { Callers, peerAddressOf } from './callers.ts';
import { ScpError } from './errors.ts';
import type { ScpLimits } from './limits.ts';
import { prepareLibrary } from './store-scp.ts';
import { StoreService } from './storing/store.ts';

export interface ScpServerParts {
  readonly config: Pick<Config, 'scp' | 'callers'>;
  readonly spool: Spool;
  readonly ledger: Pick<Ledger, 'recordInstance' | 'forgetInstance' | 'associationReleased'>;
  readonly logger: Logger;
  readonly audit: Audit;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  /** Milliseconds of a clock that never steps. */
  readonly monotonicMs?: () => number;
  readonly newId?: () => string;
}

/**
 * Receives objects: listens, admits, and keeps each association in its own `Association`. What it answers 0000 is
 * durable (architecture.md rule 1). Several servers may stand on one spool and ledger, in one process or in many.
 */
export class ScpServer {
  readonly #parts: ScpServerParts;
  readonly #limits: ScpLimits;
  readonly #server: Server;
  readonly #admission: Admission;
  readonly #store: StoreService;
  readonly #wheel: TimerWheel;
  readonly #shared: AssociationParts;
  readonly #connections = new Set<Association>();
  #stopping = false;

  constructor(parts: ScpServerParts) {
    const { config, spool, ledger, logger, audit } = parts;
    const monotonicMs = parts.monotonicMs ?? (() => performance.now());
    this.#parts = parts;
    this.#limits = config.scp.limits;
    this.#admission = new Admission(this.#limits);
    this.#store = new StoreService({
      spool,
      ledger,
      logger,
      audit,
      limits: this.#limits,
      now: parts.now ?? Date.now,
      monotonicMs,
    });
    this.#wheel = new TimerWheel({ now: monotonicMs, tickMs: tickMsFor(this.#limits) });
    this.#shared = this.#share();
    this.#server = createServer((socket) => this.#connected(socket));
    this.#server.maxConnections = this.#limits.sockets;
  }

  /** Listens. Resolves when associations are accepted. @throws ScpError SCP_LISTEN_FAILED */
  async start(): Promise<void> {
    prepareLibrary();
    const { host, port, aeTitle } = this.#parts.config.scp;
    await listening(this.#server, host, port);
    this.#wheel.start();
    const { logger } = this.#parts;
    this.#server.on('error', (error) => logger.error('server.failed', { errorCode: error.name, reason: 'accept' }));
    this.#server.on('drop', (drop) => {
      const fields = { peerAddress: peerAddressOf(drop?.remoteAddress), value: this.#connections.size };
      logger.warn('connection.dropped', { ...fields, limit: this.#limits.sockets });
    });
    logger.info('server.listening', { calledAeTitle: aeTitle, value: this.port });
  }

  /** The port that is listened on; 0 before `start`. */
  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  /** Associations that are open now. */
  get associations(): number {
    return this.#admission.associations;
  }

  /**
   * Takes no new connection, lets messages under way come to their end until `deadlineAt` (epoch milliseconds), then
   * aborts. Resolves when every socket is closed and every object that was being committed is decided.
   */
  async stop(deadlineAt: number): Promise<void> {
    this.#stopping = true;
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    for (const connection of this.#connections) connection.stopWhenIdle();
    const now = this.#parts.now ?? Date.now;
    const deadline = setTimeout(() => this.#stopNow(), Math.max(0, deadlineAt - now()));
    await closed;
    clearTimeout(deadline);
    await this.#store.settled();
    this.#wheel.stop();
  }

  #stopNow(): void {
    for (const connection of this.#connections) connection.stopNow();
  }

  #connected(socket: Socket): void {
    const id = this.#parts.newId?.() ?? crypto.randomUUID();
    this.#connections.add(new Association(socket, id, peerAddressOf(socket.remoteAddress), this.#shared));
  }

  #share(): AssociationParts {
    const { config, logger, audit } = this.#parts;
    const { aeTitle, alsoAccept } = config.scp;
    const callers = new Callers(config.callers);
    const house = { aeTitle, callers, admission: this.#admission };
    return {
      aeTitle,
      logger,
      audit,
      limits: this.#limits,
      admission: this.#admission,
      store: this.#store,
      wheel: this.#wheel,
      storageClasses: storageClassesOf(alsoAccept),
      welcome: (request, peerAddress) => welcome(request, peerAddress, { ...house, ...this.#mood() }),
      onReleased: (associationId) => void this.#released(associationId),
      onClosed: (association) => this.#connections.delete(association),
    };
  }

  #mood(): Pick<HouseState, 'stopping' | 'ledgerPaused' | 'space'> {
    return { stopping: this.#stopping, ledgerPaused: this.#store.paused, space: this.#space() };
  }

  /** A disk that can't even be asked takes no objects. */
  #space(): SpaceVerdict {
    try {
      return this.#parts.spool.space().verdict;
    } catch (error) {
      if (error instanceof SpoolError) return 'above-high-mark';
      throw error;
    }
  }

  /** The series waits a little longer where this is lost: nothing else depends on it. */
  async #released(associationId: string): Promise<void> {
    const { ledger, logger, now = Date.now } = this.#parts;
    try {
      await ledger.associationReleased(associationId, now());
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      logger.warn('ledger.unavailable', { errorCode: error.code, reason: 'the end of an association was not noted' });
    }
  }
}

/** CT, MR and PET images always; `common` stands for every other storage class of PS3.4. */
function storageClassesOf(alsoAccept: readonly string[]): ReadonlySet<string> {
  const others = alsoAccept.flatMap((entry) =>
    entry === 'common' ? forwardedSopClasses.map(({ uid }) => uid) : entry,
  );
  return new Set([...imageSopClasses.map(({ uid }) => uid), ...others]);
}

/** One second, as long as no limit is shorter than a few of them. */
function tickMsFor({ artimMs, inactivityMs, slowestOverMs, idleMs }: ScpLimits): number {
  return Math.max(10, Math.min(1000, Math.floor(Math.min(artimMs, inactivityMs, slowestOverMs, idleMs) / 4)));
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (cause: Error): void => {
      const system = 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name;
      reject(new ScpError('SCP_LISTEN_FAILED', { host, port, system }, { cause }));
    };
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      resolve();
    });
  });
}
