import type { AeTitle } from '../dicom/ae-title.ts';
import { commandFields, noDataSet } from '../dimse/command-set.ts';
import { AssociationOut, type AssociationTimeouts } from './association-out.ts';
import type { Peer } from './connect.ts';
import { SenderError } from './errors.ts';
import { associateRequest, proposeVerification, verificationUid } from './proposal.ts';

export interface EchoTarget extends Peer {
  readonly callingAeTitle: AeTitle;
  readonly calledAeTitle: AeTitle;
}

/** How a C-ECHO went: `refused` when the peer accepts us and not the Verification class, which still is an answer. */
export type EchoResult =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed'; readonly error: SenderError };

/** Asks a peer whether it is there and knows us (PS3.4 annex A), on an association of its own. */
export async function echo(
  target: EchoTarget,
  timeouts: AssociationTimeouts,
  signal: AbortSignal,
): Promise<EchoResult> {
  try {
    const request = associateRequest(target, proposeVerification());
    const { association, accept } = await AssociationOut.open(target, request, timeouts, signal);
    const context = accept.contexts.find(({ result }) => result === 0);
    if (context === undefined) {
      await association.release();
      return { kind: 'refused' };
    }
    const command = {
      affectedSopClassUid: verificationUid,
      commandField: commandFields.cEchoRq,
      dataSetType: noDataSet,
    };
    const { status } = await association.ask({
      contextId: context.id,
      command,
      maxPduLengthBytes: accept.maxPduLengthBytes,
      write: (pdus) => association.write([pdus]),
    });
    await association.release();
    return { kind: 'answered', status };
  } catch (error) {
    if (error instanceof SenderError) return { kind: 'failed', error };
    throw error;
  }
}
