import { type PduType, pduTypes } from './pdu.ts';

/**
 * Where an association stands, seen from its acceptor (dicom-io.md 3.2):
 * `await-rq` Sta2 · `negotiating` Sta3 · `idle`, `command`, `data`, `skip` Sta6 between and inside messages ·
 * `releasing` Sta8 · `closing` Sta13 · `closed` Sta1.
 */
export type State =
  | 'await-rq'
  | 'negotiating'
  | 'idle'
  | 'command'
  | 'data'
  | 'skip'
  | 'releasing'
  | 'closing'
  | 'closed';

/** What the peer can do. A `foreign` fragment names a context that was not accepted, or not that of its message. */
export type PeerEvent =
  | 'associate-rq'
  | 'p-data'
  | 'command-fragment'
  | 'data-fragment'
  | 'foreign-fragment'
  | 'release-rq'
  | 'abort'
  | 'other-pdu';

/** The event that a PDU is; of a P-DATA-TF only that it begins, its fragments follow. */
export function eventOf(type: PduType): PeerEvent {
  if (type === pduTypes.associateRq) return 'associate-rq';
  if (type === pduTypes.releaseRq) return 'release-rq';
  if (type === pduTypes.abort) return 'abort';
  return type === pduTypes.pData ? 'p-data' : 'other-pdu';
}

/** What we do about it. */
export type Action =
  | 'read-on'
  | 'negotiate'
  | 'gather-command'
  | 'store-data'
  | 'skip-data'
  | 'release'
  | 'tear-down'
  | 'discard'
  | 'abort-unexpected'
  | 'abort-foreign';

type Row = Readonly<Record<PeerEvent, Action>>;

const unexpected: Row = {
  'associate-rq': 'abort-unexpected',
  'p-data': 'abort-unexpected',
  'command-fragment': 'abort-unexpected',
  'data-fragment': 'abort-unexpected',
  'foreign-fragment': 'abort-unexpected',
  'release-rq': 'abort-unexpected',
  abort: 'tear-down',
  'other-pdu': 'abort-unexpected',
};

const open: Row = { ...unexpected, 'p-data': 'read-on', 'foreign-fragment': 'abort-foreign' };

const discarded: Row = {
  'associate-rq': 'discard',
  'p-data': 'discard',
  'command-fragment': 'discard',
  'data-fragment': 'discard',
  'foreign-fragment': 'discard',
  'release-rq': 'discard',
  abort: 'tear-down',
  'other-pdu': 'discard',
};

/** Whatever a row does not name is unexpected: A-ABORT, source 2, reason 2. */
// biome-ignore format: one row per state
const table: Readonly<Record<State, Row>> = {
  'await-rq': { ...unexpected, 'associate-rq': 'negotiate' },
  negotiating: unexpected,
  idle: { ...open, 'command-fragment': 'gather-command', 'release-rq': 'release' },
  command: { ...open, 'command-fragment': 'gather-command' },
  data: { ...open, 'data-fragment': 'store-data' },
  skip: { ...open, 'data-fragment': 'skip-data' },
  releasing: unexpected,
  closing: discarded,
  closed: discarded,
};

/** The action for an event in a state; total over both. */
export function actionFor(state: State, event: PeerEvent): Action {
  return table[state][event];
}
