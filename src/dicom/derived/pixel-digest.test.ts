import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { buildSource, numbers, type SourceOptions, sequence, text } from '../../../test/builders/source-instance.ts';
import { parsePart10 } from '../part10.ts';
import { pixelDigest } from './pixel-digest.ts';

const stored = Int16Array.from({ length: 12 }, (_, index) => index);
const rescale = (slope: string) => [sequence('PixelValueTransformationSequence', [text('RescaleSlope', slope)])];
/** An empty offset table and one fragment of four bytes. */
const fragments = (content: string) =>
  Buffer.concat([Buffer.from('feff00e000000000feff00e004000000', 'hex'), Buffer.from(content)]);
const digestOf = (options: SourceOptions) => pixelDigest(parsePart10(buildSource(options)), stored);

const withGroups = (shared: string, ...own: string[]) =>
  digestOf({
    modality: 'PT',
    sopClass: '.130',
    frames: 1,
    edits: [
      sequence('SharedFunctionalGroupsSequence', rescale(shared)),
      sequence('PerFrameFunctionalGroupsSequence', own.length === 0 ? [] : rescale(own[0] ?? '')),
    ],
  });

const lossy = (content: string) =>
  digestOf({
    modality: 'CT',
    transferSyntaxUid: '1.2.840.10008.1.2.4.91',
    edits: [{ tag: 0x7fe00010, vr: 'OB', value: fragments(content) }],
  });

test('the digest is that of the values and of what they mean', () => {
  const meaning =
    '{"bitsStored":16,"columns":4,"frames":1,"intercepts":[0],"padding":[-2000],"pixelRepresentation":1,' +
    '"rows":3,"slopes":[1.5]}';
  const expected = createHash('sha256').update(Buffer.from(stored.buffer)).update(meaning).digest('hex');
  const edits = [
    text('RescaleSlope', '1.5'),
    { ...numbers('PixelPaddingValue', 0), vr: 'SS', value: Buffer.of(0x30, 0xf8) },
  ];

  expect(digestOf({ modality: 'CT', edits })).toBe(expected);
});

test('the same image in another lossless transfer syntax has the same digest', () => {
  const digests = ['1.2.840.10008.1.2', '1.2.840.10008.1.2.1', '1.2.840.10008.1.2.2', '1.2.840.10008.1.2.4.80'].map(
    (transferSyntaxUid) => digestOf({ modality: 'CT', transferSyntaxUid }),
  );

  expect(new Set(digests).size).toBe(1);
});

test('slopes of frames count, their own or shared', () => {
  expect(withGroups('1.5')).toBe(withGroups('9', '1.5'));
  expect(withGroups('1.5')).not.toBe(withGroups('1.6'));
});

test('the fragments of a lossy source stand for its pixels', () => {
  expect(lossy('abcd')).toBe(lossy('abcd'));
  expect(lossy('abcd')).not.toBe(lossy('abce'));
});
