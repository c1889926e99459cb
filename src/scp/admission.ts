import type { ScpLimits } from './limits.ts';

/** A connection as admission sees it. */
export interface Connection {
  readonly peerAddress: string;
  /** Ends a connection that has not asked for an association, to make room. */
  giveWay(): void;
}

/**
 * Counts connections and associations, in all and by address (dicom-io.md 3.4). When one address has too many silent
 * connections, the oldest gives way, so that a real sender behind the same address still gets in.
 */
export class Admission {
  readonly #limits: ScpLimits;
  /** Connections that have not asked for an association, oldest first. */
  readonly #silent = new Map<string, Set<Connection>>();
  readonly #associations = new Map<string, Set<Connection>>();
  #openAssociations = 0;

  constructor(limits: ScpLimits) {
    this.#limits = limits;
  }

  get associations(): number {
    return this.#openAssociations;
  }

  connected(connection: Connection): void {
    const silent = membersOf(this.#silent, connection.peerAddress);
    const [oldest] = silent;
    if (oldest !== undefined && silent.size >= this.#limits.silentSocketsPerAddress) {
      silent.delete(oldest);
      oldest.giveWay();
    }
    // Giving way may have emptied and dropped the address's set.
    membersOf(this.#silent, connection.peerAddress).add(connection);
  }

  /** The connection has asked for an association: it is silent no more. */
  asked(connection: Connection): void {
    remove(this.#silent, connection);
  }

  /** Which limit one more association of this address would pass. */
  fullness(peerAddress: string): 'all' | 'address' | undefined {
    if (this.#openAssociations >= this.#limits.associations) return 'all';
    const ofAddress = this.#associations.get(peerAddress)?.size ?? 0;
    return ofAddress >= this.#limits.associationsPerAddress ? 'address' : undefined;
  }

  opened(connection: Connection): void {
    membersOf(this.#associations, connection.peerAddress).add(connection);
    this.#openAssociations += 1;
  }

  /** The connection is gone, whatever it was. */
  left(connection: Connection): void {
    remove(this.#silent, connection);
    if (remove(this.#associations, connection)) this.#openAssociations -= 1;
  }
}

type ByAddress = Map<string, Set<Connection>>;

function membersOf(byAddress: ByAddress, address: string): Set<Connection> {
  const known = byAddress.get(address);
  if (known !== undefined) return known;
  const created = new Set<Connection>();
  byAddress.set(address, created);
  return created;
}

/** True when the connection was there. An address without connections is forgotten. */
function remove(byAddress: ByAddress, connection: Connection): boolean {
  const members = byAddress.get(connection.peerAddress);
  const removed = members?.delete(connection) ?? false;
  if (members?.size === 0) byAddress.delete(connection.peerAddress);
  return removed;
}
