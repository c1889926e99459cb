import { describe, expect, test } from 'vitest';
import { readString } from '../../src/dicom/element-values.ts';
import { tags } from '../../src/dicom/tags.ts';
import { demoFiles, Flow, flowMissing, isClosed } from '../peers/flow.ts';

describe.skipIf(flowMissing !== undefined)('a series that grows after it was restored and sent', () => {
  test('opens a second revision, in which only the late slice is derived and sent', async () => {
    const slices = demoFiles('PT');
    await using flow = await Flow.open();
    await flow.send(slices.slice(0, -1));
    await flow.settled(slices.length - 1);
    const before = await flow.stored();

    await flow.send(slices.slice(-1));
    const sums = await flow.settled(slices.length);

    const after = await flow.stored();
    expect(sums, flow.node.log).toMatchObject({ restored: slices.length, derived: slices.length });
    expect(isClosed(sums)).toBe(true);
    expect(sums['series']).toMatchObject([
      { revision: 2, state: 'restored' },
      { revision: 1, state: 'restored' },
    ]);
    expect([...before.keys()].every((uid) => after.has(uid))).toBe(true);
    expect(after.size).toBe(before.size + 2);
    const seriesOf = (objects: typeof after) =>
      new Set([...objects.values()].map(({ dataSet }) => readString(dataSet, tags.SeriesInstanceUid)));
    expect(seriesOf(after)).toEqual(seriesOf(before));
    expect(flow.node.log.match(/"event":"job.done".*/g)?.map((line) => /"instances":(\d+)/.exec(line)?.[1])).toEqual([
      '5',
      '1',
    ]);
  });
});
