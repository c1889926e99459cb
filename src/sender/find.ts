import { walkDataSet } from '../dicom/data-set.ts';
import { encodeElement } from '../dicom/element-encoder.ts';
import { readString } from '../dicom/element-values.ts';
import { tagOfKeyword, tags } from '../dicom/tags.ts';
import { encodingOf, implicitLittle } from '../dicom/transfer-syntax.ts';
import type { SeriesInstanceUid, SopInstanceUid, StudyInstanceUid } from '../dicom/uid.ts';
import { encodeText } from '../dicom/value-encoder.ts';
import { commandFields } from '../dimse/command-set.ts';
import { encodePData } from '../dimse/pdu-writer.ts';
import { AssociationOut, type AssociationTimeouts } from './association-out.ts';
import type { EchoTarget } from './echo.ts';
import { SenderError } from './errors.ts';
import { associateRequest, proposeQuery, studyRootFindUid } from './proposal.ts';

export interface SoughtInstance {
  readonly studyInstanceUid: StudyInstanceUid;
  readonly seriesInstanceUid: SeriesInstanceUid;
  readonly sopInstanceUid: SopInstanceUid;
}

const someDataSet = 0x0000;

/**
 * Whether a peer says by C-FIND at IMAGE level that it has an object (PS3.4 C.6.2). A peer that can not be asked, or that
 * answers with other objects only, does not say so.
 */
export async function knowsInstance(
  target: EchoTarget,
  sought: SoughtInstance,
  timeouts: AssociationTimeouts,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const request = associateRequest(target, proposeQuery());
    const { association, accept } = await AssociationOut.open(target, request, timeouts, signal);
    const context = accept.contexts.find(({ result }) => result === 0);
    const found = context !== undefined && (await ask(association, context, accept.maxPduLengthBytes, sought));
    await association.release();
    return found;
  } catch (error) {
    if (error instanceof SenderError) return false;
    throw error;
  }
}

async function ask(
  association: AssociationOut,
  context: { readonly id: number; readonly transferSyntaxUid: string },
  maxPduLengthBytes: number,
  sought: SoughtInstance,
): Promise<boolean> {
  let found = false;
  const encoding = encodingOf(context.transferSyntaxUid);
  await association.ask({
    contextId: context.id,
    maxPduLengthBytes,
    command: {
      affectedSopClassUid: studyRootFindUid,
      commandField: commandFields.cFindRq,
      priority: 0,
      dataSetType: someDataSet,
    },
    write: (command) => {
      const part = { contextId: context.id, isCommand: false, isLast: true };
      return association.write([command, encodePData(part, identifierOf(sought))]);
    },
    onMatch: (identifier) => {
      found ||= readString(walkDataSet(identifier, encoding), tags.SopInstanceUid) === sought.sopInstanceUid;
    },
  });
  return found;
}

/** The unique keys of all three levels, in the order of their tags. */
function identifierOf(sought: SoughtInstance): Buffer {
  const elements = [
    { tag: tags.SopInstanceUid, vr: 'UI', text: sought.sopInstanceUid },
    { tag: tagOfKeyword('QueryRetrieveLevel'), vr: 'CS', text: 'IMAGE' },
    { tag: tags.StudyInstanceUid, vr: 'UI', text: sought.studyInstanceUid },
    { tag: tags.SeriesInstanceUid, vr: 'UI', text: sought.seriesInstanceUid },
  ];
  return Buffer.concat(
    elements.flatMap(({ tag, vr, text }) => encodeElement(tag, vr, [encodeText(vr, text)], implicitLittle)),
  );
}
