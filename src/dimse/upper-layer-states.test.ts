import { describe, expect, test } from 'vitest';
import { actionFor } from './upper-layer-states.ts';

describe('the acceptor', () => {
  test.for([
    { name: 'negotiates when asked for the first time', state: 'await-rq', event: 'associate-rq', action: 'negotiate' },
    {
      name: 'aborts at data before an association',
      state: 'await-rq',
      event: 'command-fragment',
      action: 'abort-unexpected',
    },
    { name: 'aborts at a second request', state: 'idle', event: 'associate-rq', action: 'abort-unexpected' },
    { name: 'aborts at a data set without command', state: 'idle', event: 'data-fragment', action: 'abort-unexpected' },
    { name: 'releases between messages', state: 'idle', event: 'release-rq', action: 'release' },
    {
      name: 'aborts at a release in the middle of a message',
      state: 'data',
      event: 'release-rq',
      action: 'abort-unexpected',
    },
    {
      name: 'aborts at a command in the middle of a data set',
      state: 'data',
      event: 'command-fragment',
      action: 'abort-unexpected',
    },
    {
      name: 'aborts at a context that is not that of the message',
      state: 'data',
      event: 'foreign-fragment',
      action: 'abort-foreign',
    },
    {
      name: 'serves nothing after a release',
      state: 'releasing',
      event: 'command-fragment',
      action: 'abort-unexpected',
    },
    {
      name: 'serves nothing after a rejection or an abort',
      state: 'closing',
      event: 'command-fragment',
      action: 'discard',
    },
    { name: 'goes when the peer aborts', state: 'data', event: 'abort', action: 'tear-down' },
  ] as const)('$name', ({ state, event, action }) => {
    expect(actionFor(state, event)).toBe(action);
  });
});
