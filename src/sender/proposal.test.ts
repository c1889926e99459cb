import { describe, expect, test } from 'vitest';
import { parseUid } from '../dicom/uid.ts';
import type { AssociateAccept } from '../dimse/associate-accept.ts';
import { proposeContexts, proposeOffer, routeOf, type Sendable, windowOf } from './proposal.ts';

const explicit = '1.2.840.10008.1.2.1';
const implicit = '1.2.840.10008.1.2';
const jpegLs = '1.2.840.10008.1.2.4.80';
const jpeg2000 = '1.2.840.10008.1.2.4.90';

const object = (sopClassUid: string, transferSyntaxUid: string): Sendable => ({
  sopClassUid: parseUid(sopClassUid),
  transferSyntaxUid: parseUid(transferSyntaxUid),
});

function accepting(contexts: Readonly<Record<number, string>>, window?: AssociateAccept['window']): AssociateAccept {
  const answers = Object.entries(contexts).map(([id, transferSyntaxUid]) => ({
    id: Number(id),
    result: transferSyntaxUid === '' ? 4 : 0,
    transferSyntaxUid,
  }));
  const ours = { implementationClassUid: '1.2', implementationVersion: '' };
  return { contexts: answers, maxPduLengthBytes: 16_384, window, ...ours };
}

describe('proposeContexts', () => {
  test('gives each stored syntax a context of its own, and each class one to fall back to', () => {
    const batch = [object('1.1', jpegLs), object('1.1', explicit), object('1.1', jpegLs), object('1.2', explicit)];

    expect(proposeContexts(batch)).toEqual([
      { id: 1, abstractSyntaxUid: '1.1', isFallback: false, transferSyntaxUids: [jpegLs] },
      { id: 3, abstractSyntaxUid: '1.1', isFallback: false, transferSyntaxUids: [explicit] },
      { id: 5, abstractSyntaxUid: '1.1', isFallback: true, transferSyntaxUids: [explicit, implicit] },
      { id: 7, abstractSyntaxUid: '1.2', isFallback: false, transferSyntaxUids: [explicit] },
      { id: 9, abstractSyntaxUid: '1.2', isFallback: true, transferSyntaxUids: [explicit, implicit] },
    ]);
  });

  test('never proposes more than 128, and only whole classes', () => {
    const batch = Array.from({ length: 200 }, (_, n) => object(`1.${n}`, explicit));

    const contexts = proposeContexts(batch);

    expect(contexts).toHaveLength(128);
    expect(contexts.at(-1)).toMatchObject({ id: 255, isFallback: true });
    expect(routeOf(object('1.150', explicit), contexts, accepting({}))).toEqual({ kind: 'unproposed' });
  });
});

describe('routeOf', () => {
  const batch = [object('1.1', jpegLs), object('1.1', explicit)];
  const contexts = proposeContexts(batch); // 1: JPEG-LS, 3: explicit, 5: fallback

  test.for([
    { name: 'its own context', accepted: { 1: jpegLs, 3: explicit, 5: explicit }, route: ['as-stored', 1, jpegLs] },
    { name: 'the fallback', accepted: { 1: '', 3: explicit, 5: explicit }, route: ['transcoded', 5, explicit] },
    { name: 'implicit in the fallback', accepted: { 1: '', 3: '', 5: implicit }, route: ['transcoded', 5, implicit] },
  ])('an object goes over $name', ({ accepted, route }) => {
    const [kind, contextId, transferSyntaxUid] = route;

    expect(routeOf(object('1.1', jpegLs), contexts, accepting(accepted))).toEqual({
      kind,
      contextId,
      transferSyntaxUid,
    });
  });

  test('the fallback carries an object as it is when the peer takes it only there', () => {
    const route = routeOf(object('1.1', explicit), contexts, accepting({ 1: '', 3: '', 5: explicit }));

    expect(route).toEqual({ kind: 'as-stored', contextId: 5, transferSyntaxUid: explicit });
  });

  test('no object is transcoded to what only another one is stored in', () => {
    const route = routeOf(object('1.1', explicit), contexts, accepting({ 1: jpegLs, 3: '', 5: '' }));

    expect(route).toEqual({ kind: 'refused' });
  });

  test('a context that the peer did not answer counts as refused', () => {
    expect(routeOf(object('1.1', jpegLs), contexts, accepting({}))).toEqual({ kind: 'refused' });
  });

  test('an offer is for transcoding', () => {
    const offer = proposeOffer(batch, ['j2k-lossless', 'rle']);

    expect(offer).toMatchObject([{ id: 1, transferSyntaxUids: [jpeg2000, '1.2.840.10008.1.2.5'] }]);
    expect(routeOf(object('1.1', explicit), offer, accepting({ 1: jpeg2000 }))).toMatchObject({ kind: 'transcoded' });
    expect(proposeOffer([], ['rle'])).toEqual([]);
  });
});

describe('windowOf', () => {
  test.for([
    { name: 'no window', window: undefined, stores: 1 },
    { name: 'one', window: { invoked: 1, performed: 1 }, stores: 1 },
    { name: 'eight', window: { invoked: 8, performed: 1 }, stores: 8 },
    { name: 'no limit', window: { invoked: 0, performed: 0 }, stores: 16 },
    { name: 'more than we asked for', window: { invoked: 99, performed: 1 }, stores: 16 },
  ])('a peer that grants $name has $stores at once', ({ window, stores }) => {
    expect(windowOf(accepting({}, window))).toBe(stores);
  });
});
