import { describe, expect, test } from 'vitest';
import { ledgerErrors } from '../ledger/errors.ts';
import { spoolErrors } from '../spool/errors.ts';
import { scpErrors } from './errors.ts';
import { errorComment, type StoreErrorCode, storeStatus } from './status.ts';

const codes = Object.keys(storeStatus) as StoreErrorCode[];

describe('what a peer hears', () => {
  test('every code of scp, spool and ledger has a status that is not success', () => {
    const all = [scpErrors, spoolErrors, ledgerErrors].flatMap((table) => Object.keys(table));
    const refusals = all.filter((code) => code !== 'SCP_LISTEN_FAILED');

    expect(codes.toSorted()).toEqual(refusals.toSorted());
    expect(Object.values(storeStatus).every((status) => status !== 0)).toBe(true);
  });

  test.for(codes)('the comment of %s is at most 64 printable characters of ASCII', (code) => {
    expect(errorComment(code)).toMatch(/^[ -~]{1,64}$/);
  });
});
