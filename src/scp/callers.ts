import { BlockList, isIP } from 'node:net';

/** One row of `callers:` in node.yaml. */
export interface CallerRule {
  /** Calling AE title, or `*` for any. */
  readonly aeTitle: string;
  /** Addresses and networks (CIDR) from which it may call. */
  readonly addresses: readonly string[];
  /** False: it may verify the connection (C-ECHO), but not store. */
  readonly store: boolean;
  /** What it hears when an object has a known UID and other bytes; the object is kept aside in both cases. */
  readonly onConflict: 'duplicate' | 'success';
}

/** What an association may do, decided when it is asked for. */
export type CallerRights = Pick<CallerRule, 'store' | 'onConflict'>;

/** Who may call. An empty list accepts nobody. */
export class Callers {
  readonly #rules: readonly { readonly rule: CallerRule; readonly networks: BlockList }[];

  constructor(rules: readonly CallerRule[]) {
    this.#rules = rules.map((rule) => ({ rule, networks: networksOf(rule.addresses) }));
  }

  /** The rights of the first rule that names this title and this address; `undefined`: it may not call. */
  find(callingAeTitle: string, address: string): CallerRights | undefined {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    return this.#rules.find(
      ({ rule, networks }) =>
        (rule.aeTitle === '*' || rule.aeTitle === callingAeTitle) && networks.check(address, family),
    )?.rule;
  }
}

function networksOf(addresses: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of addresses) {
    const [address = '', prefix] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number.parseInt(prefix, 10), family);
  }
  return list;
}

/** The address of a socket as rules write it: IPv4 that came through an IPv6 socket is IPv4. */
export function peerAddressOf(remoteAddress: string | undefined): string {
  return (remoteAddress ?? '').replace(/^::ffff:(?=[0-9.]+$)/, '');
}
