import { DimseError } from './errors.ts';

// Elements of group 0000 (PS3.7 annex E.1) that we read or write.
// biome-ignore format: one row per element
const numberElements = [
  { keyword: 'commandField',              element: 0x0100, vr: 'US' },
  { keyword: 'messageId',                 element: 0x0110, vr: 'US' },
  { keyword: 'messageIdBeingRespondedTo', element: 0x0120, vr: 'US' },
  { keyword: 'priority',                  element: 0x0700, vr: 'US' },
  { keyword: 'dataSetType',               element: 0x0800, vr: 'US' },
  { keyword: 'status',                    element: 0x0900, vr: 'US' },
  { keyword: 'offendingElement',          element: 0x0901, vr: 'AT' },
  { keyword: 'errorId',                   element: 0x0903, vr: 'US' },
  { keyword: 'eventTypeId',               element: 0x1002, vr: 'US' },
  { keyword: 'actionTypeId',              element: 0x1008, vr: 'US' },
  { keyword: 'remainingSuboperations',    element: 0x1020, vr: 'US' },
  { keyword: 'completedSuboperations',    element: 0x1021, vr: 'US' },
  { keyword: 'failedSuboperations',       element: 0x1022, vr: 'US' },
  { keyword: 'warningSuboperations',      element: 0x1023, vr: 'US' },
  { keyword: 'moveOriginatorMessageId',   element: 0x1031, vr: 'US' },
] as const;
// biome-ignore format: one row per element
const textElements = [
  { keyword: 'affectedSopClassUid',       element: 0x0002, vr: 'UI' },
  { keyword: 'requestedSopClassUid',      element: 0x0003, vr: 'UI' },
  { keyword: 'moveDestination',           element: 0x0600, vr: 'AE' },
  { keyword: 'errorComment',              element: 0x0902, vr: 'LO' },
  { keyword: 'affectedSopInstanceUid',    element: 0x1000, vr: 'UI' },
  { keyword: 'requestedSopInstanceUid',   element: 0x1001, vr: 'UI' },
  { keyword: 'moveOriginatorAeTitle',     element: 0x1030, vr: 'AE' },
] as const;

type NumberRow = (typeof numberElements)[number];
type TextRow = (typeof textElements)[number];
type CommandElement = NumberRow['keyword'] | TextRow['keyword'];

/** A command set by keyword. Numbers are US, `offendingElement` is a tag 0xggggeeee, UIDs and titles are trimmed. */
export type CommandSet = { readonly [K in NumberRow['keyword']]?: number | undefined } & {
  readonly [K in TextRow['keyword']]?: string | undefined;
};

const numberByElement: ReadonlyMap<number, NumberRow> = new Map(numberElements.map((row) => [row.element, row]));
const textByElement: ReadonlyMap<number, TextRow> = new Map(textElements.map((row) => [row.element, row]));

/** Command fields of PS3.7 annex E; an answer's has bit 15 set. */
export const commandFields = {
  cStoreRq: 0x0001,
  cFindRq: 0x0020,
  cEchoRq: 0x0030,
  cCancelRq: 0x0fff,
  response: 0x8000,
} as const;

/** (0000,0800): no data set follows. Any other value: one does. */
export const noDataSet = 0x0101;
const someDataSet = 0x0000;

const elementHeaderBytes = 8;

function malformed(what: string, details: Readonly<Record<string, number>> = {}): DimseError {
  return new DimseError('DIMSE_BAD_COMMAND_SET', { what, ...details });
}

/** A command set with elements of another type than annex E asks for; they count as absent. */
export interface DecodedCommand {
  readonly command: CommandSet;
  readonly mistyped: readonly CommandElement[];
}

/**
 * Decodes a command set: implicit VR little endian, group 0000 only (PS3.7 6.3.1). Unknown elements are passed over.
 * @throws DimseError DIMSE_BAD_COMMAND_SET when it is not a sequence of elements of group 0000
 */
export function decodeCommandSet(bytes: Buffer): DecodedCommand {
  const numbers: { [K in NumberRow['keyword']]?: number } = {};
  const texts: { [K in TextRow['keyword']]?: string } = {};
  const mistyped: CommandElement[] = [];
  for (const { element, value } of walk(bytes)) {
    const number = numberByElement.get(element);
    const text = textByElement.get(element);
    if (text !== undefined) texts[text.keyword] = decodeText(value);
    if (number === undefined) continue;
    if (value.length === (number.vr === 'AT' ? 4 : 2)) numbers[number.keyword] = decodeNumber(value);
    else mistyped.push(number.keyword);
  }
  return { command: { ...numbers, ...texts }, mistyped };
}

function* walk(bytes: Buffer): Generator<{ readonly element: number; readonly value: Buffer }> {
  if (bytes.length === 0) throw malformed('empty');
  let offset = 0;
  while (offset < bytes.length) {
    if (bytes.length - offset < elementHeaderBytes) throw malformed('element header cut', { offset });
    const group = bytes.readUInt16LE(offset);
    const element = bytes.readUInt16LE(offset + 2);
    const lengthBytes = bytes.readUInt32LE(offset + 4);
    const start = offset + elementHeaderBytes;
    if (group !== 0) throw malformed('element outside of group 0000', { offset, group });
    if (lengthBytes > bytes.length - start) throw malformed('element beyond the end', { offset, element, lengthBytes });
    yield { element, value: bytes.subarray(start, start + lengthBytes) };
    offset = start + lengthBytes;
  }
}

/** US, or AT as 0xggggeeee. */
function decodeNumber(value: Buffer): number {
  return value.length === 2 ? value.readUInt16LE(0) : value.readUInt16LE(0) * 0x10000 + value.readUInt16LE(2);
}

function decodeText(value: Buffer): string {
  return value
    .toString('latin1')
    .replace(/[\0 ]+$/, '')
    .replace(/^ +/, '');
}

/** Encodes a command set, group length first, elements in ascending order, values padded to even length. */
export function encodeCommandSet(command: CommandSet): Buffer {
  const body = [...textElements, ...numberElements]
    .toSorted((a, b) => a.element - b.element)
    .flatMap(({ keyword, element, vr }) => {
      const value = command[keyword];
      return value === undefined ? [] : [encodeElement(element, encodeValue(vr, value))];
    });
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.reduce((sum, element) => sum + element.length, 0));
  return Buffer.concat([encodeElement(0, length), ...body]);
}

function encodeElement(element: number, value: Buffer): Buffer {
  const header = Buffer.alloc(elementHeaderBytes);
  header.writeUInt16LE(element, 2);
  header.writeUInt32LE(value.length, 4);
  return Buffer.concat([header, value]);
}

function encodeValue(vr: NumberRow['vr'] | TextRow['vr'], value: number | string): Buffer {
  if (typeof value === 'string') {
    const padding = value.length % 2 === 0 ? '' : vr === 'UI' ? '\0' : ' ';
    return Buffer.from(value + padding, 'latin1');
  }
  const bytes = Buffer.alloc(vr === 'AT' ? 4 : 2);
  bytes.writeUInt16LE(vr === 'AT' ? value >>> 16 : value);
  if (vr === 'AT') bytes.writeUInt16LE(value & 0xffff, 2);
  return bytes;
}

/** Whether a data set follows the command. */
export function announcesDataSet(command: CommandSet): boolean {
  return command.dataSetType !== noDataSet;
}

/** The answer to a request: its field with bit 15 set, its message id, no data set. */
export function responseTo(request: CommandSet, answer: CommandSet & { readonly status: number }): CommandSet {
  return {
    ...answer,
    commandField: (request.commandField ?? 0) | commandFields.response,
    messageIdBeingRespondedTo: request.messageId ?? 0,
    dataSetType: noDataSet,
  };
}

/** A C-STORE-RQ (PS3.7 9.3.1.1) with a data set to follow. */
export function storeRequest(message: {
  readonly messageId: number;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}): CommandSet {
  return {
    affectedSopClassUid: message.sopClassUid,
    commandField: commandFields.cStoreRq,
    messageId: message.messageId,
    priority: 0,
    dataSetType: someDataSet,
    affectedSopInstanceUid: message.sopInstanceUid,
  };
}
