import { constants, inflateRawSync } from 'node:zlib';

/** Why no more was inflated; `whole`: the stream ended well; `broken`: it ended early or cannot be read further. */
export type BeginningEnd = 'enough' | 'whole' | 'limit' | 'broken';

const firstStepBytes = 16_384;
/** 64 bytes of input are at most 64 KiB of output: finer is not worth another step. */
const finestStepBytes = 64;

/**
 * Inflates the beginning of a raw deflate stream and hands it over piece by piece until `take` has enough, into at
 * most `maxBytes`, whatever the stream would grow to: memory and time are bounded by the limit, not by the peer.
 * zlib's synchronous calls give all or nothing, so longer and longer prefixes are inflated, and the longest that
 * stays within the limit is found by halving. `isWhole`: `deflated` is all there is.
 */
export function inflateBeginning(
  deflated: Buffer,
  { isWhole, maxBytes }: { readonly isWhole: boolean; readonly maxBytes: number },
  take: (more: Buffer) => 'more' | 'enough',
): BeginningEnd {
  let taken = 0;
  let within = 0;
  let beyond: { readonly bytes: number; readonly end: 'limit' | 'broken' } | undefined;
  let size = Math.min(firstStepBytes, deflated.length);
  while (beyond === undefined || beyond.bytes - within > finestStepBytes) {
    const output = inflate(deflated.subarray(0, size), maxBytes, constants.Z_SYNC_FLUSH);
    if (Buffer.isBuffer(output)) {
      if (take(output.subarray(taken)) === 'enough') return 'enough';
      taken = output.length;
      within = size;
      if (size === deflated.length) return isWhole ? endOf(deflated, maxBytes) : 'limit';
    } else beyond = { bytes: size, end: output };
    size = beyond === undefined ? Math.min(size * 4, deflated.length) : Math.floor((within + beyond.bytes) / 2);
  }
  return beyond.end;
}

function endOf(deflated: Buffer, maxBytes: number): BeginningEnd {
  return Buffer.isBuffer(inflate(deflated, maxBytes, constants.Z_FINISH)) ? 'whole' : 'broken';
}

function inflate(bytes: Buffer, maxOutputLength: number, finishFlush: number): Buffer | 'limit' | 'broken' {
  try {
    return inflateRawSync(bytes, { maxOutputLength, finishFlush });
  } catch (error) {
    return isTooLong(error) ? 'limit' : 'broken';
  }
}

function isTooLong(error: unknown): boolean {
  return error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
}
