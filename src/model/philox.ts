/** Four words for one counter. The same array is returned each time: read it before the next call. */
export type Words = (x: number, y: number, z: number, q: number) => Uint32Array;

/** Two 32-bit words that name one stream of random numbers. */
export type PhiloxKey = readonly [number, number];

const rounds = 10;
const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
const keyStep0 = 0x9e3779b9;
const keyStep1 = 0xbb67ae85;

/** Philox4x32-10, a counter-based generator: no state, the same counter gives the same words. model-spec.md 2.5. */
export function createPhilox(key: PhiloxKey): Words {
  const keys0 = Uint32Array.from({ length: rounds }, (_, round) => key[0] + Math.imul(round, keyStep0));
  const keys1 = Uint32Array.from({ length: rounds }, (_, round) => key[1] + Math.imul(round, keyStep1));
  const words = new Uint32Array(4);
  return (x, y, z, q) => {
    let [a, b, c, d] = [x, y, z, q];
    for (let round = 0; round < rounds; round++) {
      const high0 = highWord(multiplier0, a);
      const high1 = highWord(multiplier1, c);
      const low0 = Math.imul(multiplier0, a);
      a = high1 ^ b ^ (keys0[round] ?? 0);
      b = Math.imul(multiplier1, c);
      c = high0 ^ d ^ (keys1[round] ?? 0);
      d = low0;
    }
    words[0] = a;
    words[1] = b;
    words[2] = c;
    words[3] = d;
    return words;
  };
}

/** Upper 32 bits of the 64-bit product of two unsigned words, by 16-bit halves. */
function highWord(a: number, b: number): number {
  const [aLow, aHigh, bLow, bHigh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  return aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000);
}
