import { describe, expect, test } from 'vitest';
import { Callers, peerAddressOf } from './callers.ts';

const rights = { store: true, onConflict: 'duplicate' } as const;
const callers = new Callers([
  { aeTitle: 'CT1', addresses: ['10.0.0.7'], ...rights },
  { aeTitle: 'ECHO', addresses: ['10.0.0.0/24'], ...rights, store: false },
  { aeTitle: '*', addresses: ['127.0.0.1/32', 'fd00::/8'], ...rights },
]);

describe('Callers', () => {
  test.for([
    { name: 'a title at its own address', title: 'CT1', address: '10.0.0.7', mayStore: true },
    { name: 'any title in an open network', title: 'WHOEVER', address: '127.0.0.1', mayStore: true },
    { name: 'any title in an open IPv6 network', title: 'WHOEVER', address: 'fd12::1', mayStore: true },
    { name: 'a title that may only verify', title: 'ECHO', address: '10.0.0.200', mayStore: false },
    { name: 'a title at another address', title: 'CT1', address: '10.0.1.7', mayStore: undefined },
    { name: 'a title in other letters', title: 'ct1', address: '10.0.0.7', mayStore: undefined },
    { name: 'an unknown title', title: 'CT2', address: '10.0.0.7', mayStore: undefined },
    { name: 'a socket that has gone', title: 'CT1', address: '', mayStore: undefined },
  ])('$name: may store = $mayStore', ({ title, address, mayStore }) => {
    expect(callers.find(title, address)?.store).toBe(mayStore);
  });

  test('an empty list accepts nobody', () => {
    expect(new Callers([]).find('CT1', '127.0.0.1')).toBeUndefined();
  });
});

test.for([
  { remote: '::ffff:10.0.0.7', address: '10.0.0.7' },
  { remote: '10.0.0.7', address: '10.0.0.7' },
  { remote: 'fd12::1', address: 'fd12::1' },
  { remote: undefined, address: '' },
])('the address of a socket $remote is $address', ({ remote, address }) => {
  expect(peerAddressOf(remote)).toBe(address);
});
