import { cropKSpace, type KeptBand, type Plane } from '../../model/degrade/k-space.ts';

const lobes = 3;

/** The small image that the kept band describes, enlarged by Lanczos-3 interpolation (model-spec.md 4.2). */
export function lanczosFromBand(image: Plane, band: KeptBand): Float64Array {
  const small = cropKSpace(image, band);
  const wide = enlargeRows(small, image.columns);
  return transpose(enlargeRows(transpose(wide), image.rows)).values;
}

/** Every row to `columns` samples; sample 0 stays where it is, as in the discrete Fourier transform; ends repeat. */
function enlargeRows(image: Plane, columns: number): Plane {
  const values = new Float64Array(image.rows * columns);
  for (let x = 0; x < columns; x++) {
    const place = (x * image.columns) / columns;
    const first = Math.floor(place) - lobes + 1;
    const taps = Array.from({ length: 2 * lobes }, (_, k) => lanczos(place - (first + k)));
    const sum = taps.reduce((total, tap) => total + tap, 0);
    for (let y = 0; y < image.rows; y++) {
      let value = 0;
      for (const [k, tap] of taps.entries()) {
        const from = Math.min(image.columns - 1, Math.max(0, first + k));
        value += (tap / sum) * (image.values[y * image.columns + from] ?? 0);
      }
      values[y * columns + x] = value;
    }
  }
  return { rows: image.rows, columns, values };
}

function lanczos(t: number): number {
  if (t === 0) return 1;
  if (Math.abs(t) >= lobes) return 0;
  const angle = Math.PI * t;
  return (lobes * Math.sin(angle) * Math.sin(angle / lobes)) / (angle * angle);
}

function transpose({ rows, columns, values }: Plane): Plane {
  const turned = new Float64Array(values.length);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) turned[x * rows + y] = values[y * columns + x] ?? 0;
  }
  return { rows: columns, columns: rows, values: turned };
}
