import { describe, expect, test } from 'vitest';
import { nodeFile } from '../config/node-schema.ts';
import { Admission, type Connection } from './admission.ts';

const limits = {
  ...nodeFile.parse({}).scp.limits,
  silentSocketsPerAddress: 2,
  associations: 3,
  associationsPerAddress: 2,
};

class FakeConnection implements Connection {
  readonly peerAddress: string;
  gaveWay = false;

  constructor(peerAddress: string) {
    this.peerAddress = peerAddress;
  }

  giveWay(): void {
    this.gaveWay = true;
  }
}

function connect(admission: Admission, address: string): FakeConnection {
  const connection = new FakeConnection(address);
  admission.connected(connection);
  return connection;
}

describe('Admission', () => {
  test('the oldest silent connection of an address gives way to the newest', () => {
    const admission = new Admission(limits);
    const connections = ['a', 'a', 'b', 'a'].map((address) => connect(admission, address));

    expect(connections.map((connection) => connection.gaveWay)).toEqual([true, false, false, false]);
  });

  test('a connection that asked for an association does not give way', () => {
    const admission = new Admission(limits);
    const first = connect(admission, 'a');
    admission.asked(first);

    const second = connect(admission, 'a');
    connect(admission, 'a');
    connect(admission, 'a');

    expect(first.gaveWay).toBe(false);
    expect(second.gaveWay).toBe(true);
  });

  test('associations have a limit for each address and one for all', () => {
    const admission = new Admission(limits);
    const open = (address: string): FakeConnection => {
      const connection = connect(admission, address);
      admission.opened(connection);
      return connection;
    };
    const first = open('a');
    open('a');

    expect(admission.fullness('a')).toBe('address');
    expect(admission.fullness('b')).toBeUndefined();
    open('b');
    expect(admission.fullness('b')).toBe('all');

    admission.left(first);
    admission.left(first);
    expect(admission.associations).toBe(2);
    expect(admission.fullness('a')).toBeUndefined();
  });
});
