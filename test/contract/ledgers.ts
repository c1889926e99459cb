import { join } from 'node:path';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { openLedger } from '../../src/ledger/sqlite/sqlite-ledger.ts';

/** Every implementation of `Ledger`; the contract suites run on each. A folder that was used before is opened again. */
export const ledgers: readonly { readonly name: string; readonly open: (folder: string) => Promise<Ledger> }[] = [
  { name: 'SQLite', open: (folder) => openLedger({ file: join(folder, 'ledger.db') }) },
];
