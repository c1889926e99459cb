import { describe, expect, test } from 'vitest';
import { GroupSync } from './group-sync.ts';

/** A sync that ends when it is told to. */
function controlled() {
  const running: { done: () => void; fail: (error: Error) => void }[] = [];
  const sync = (): Promise<void> =>
    new Promise((resolve, reject) => {
      running.push({ done: resolve, fail: reject });
    });
  return { running, group: new GroupSync(sync) };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('GroupSync', () => {
  test('a flush in flight collects followers, and one more flush takes all of them', async () => {
    const { running, group } = controlled();

    const first = group.flush();
    const followers = [group.flush(), group.flush(), group.flush()];
    running[0]?.done();
    await first;
    await turn();

    expect(running).toHaveLength(2);
    running[1]?.done();
    await Promise.all(followers);
    expect(running).toHaveLength(2);
  });

  test('a follower is not served by the flush that had begun before it came', async () => {
    const { running, group } = controlled();
    let served = false;

    const first = group.flush();
    const follower = group.flush().then(() => {
      served = true;
    });
    running[0]?.done();
    await first;
    await turn();

    expect(served).toBe(false);
    running[1]?.done();
    await follower;
  });

  test('a failure reaches the callers of its own flush alone', async () => {
    const { running, group } = controlled();

    const first = group.flush();
    const follower = group.flush();
    running[0]?.fail(new Error('disk'));
    await expect(first).rejects.toThrow('disk');
    await turn();
    running[1]?.done();

    await expect(follower).resolves.toBeUndefined();
    const later = group.flush();
    running[2]?.done();
    await expect(later).resolves.toBeUndefined();
  });
});
