/**
 * The traced graph as JSON: what `training/` interprets and what the ONNX lowering reads (engines.md 5).
 *
 * A graph is a list of nodes in an order in which they can be evaluated. Every node reads and makes named values.
 * A value is a graph input, a parameter (its name in the weights file, model-spec.md 5), or made by exactly one node
 * (`v0`, `v1`, …). Evaluate only the nodes that the wanted outputs need. All values are float32 but `codes` (integers).
 *
 * Layout: images and latents are NCHW. Sizes are numbers or symbols: `n` batch, `h` and `w` latent height and width,
 * `8h` = 8·h and so on, `H` and `W` any size, `ceil(H/2)`. Rank 4 has channels on axis 1; so has rank 2.
 *
 * Binary ops (`add`, `sub`, `mul`, `div`; `in: [a, b]`, the result has a's shape): b has a's shape, or is
 * `[n, c, 1, 1]` (broadcast over H and W), or a vector `[c]` (view it as `[1, c, 1, 1]`), or `[1]` (a scalar).
 *
 * | op | in | attrs | result |
 * |---|---|---|---|
 * | `row` | matrix `[r, c]` | `index` | vector `[c]`, row `index` |
 * | `conv2d` | x, weight `[cout, cin/groups, k, k]`, bias `[cout]` or absent | `stride`, `pad` (zeros, all sides), `groups` | cross-correlation, as PyTorch's |
 * | `linear` | x `[n, cin]` or `[n, cin, H, W]`, weight `[cout, cin]`, bias | | on the channels, same rank |
 * | `layerNorm` | x `[n, c, H, W]`, gain `[c]`, shift `[c]` | `epsilon` | over c at each pixel, biased variance: (x−μ)/√(v+ε)·gain+shift |
 * | `simpleGate` | x `[n, 2c, H, W]` | | x[:, :c] · x[:, c:] |
 * | `globalMean` | x | | mean over H, W: `[n, c, 1, 1]` |
 * | `pixelShuffle` | x `[n, 4c, H, W]` | | `[n, c, 2H, 2W]`, out[c, 2i+a, 2j+b] = in[4c+2a+b, i, j] (PyTorch's, factor 2) |
 * | `concat` | a, b | | along axis 1 |
 * | `affine` | x | `factor`, `offset` | factor·x + offset |
 * | `leakyRelu` | x | `slope` | |
 * | `clamp` | x | `low`, `high` | |
 * | `gate` | matrix `[N, E]` | `row`, `experts`, `position` | `[1]`: softmax(matrix[row, experts])[position] |
 * | `quantize` | z `[n, d, h, w]`, codebook `[K, d]` | `depth` | three values, below |
 *
 * `quantize` (model-spec.md 2.4): per position R = z; `depth` times: i = argmin_m ‖R − codebook_m‖² (lowest index on
 * ties), emit i, R −= codebook_i. `out: [codes, quantised, partials]`: `codes` `[n, h, w, D]`; `quantised`
 * `[n, d, h, w]`, the sum of the chosen rows in depth order; `partials` `[D, n, d, h, w]`, the sums of the first 1..D
 * rows. In training `quantised` is straight-through, z + stop_gradient(sum − z); for the iterations before k-means the
 * interpreter replaces the op by the identity. `codes` and `partials` carry no gradient to z.
 */
export interface GraphJson {
  readonly version: 1;
  readonly name: string;
  readonly inputs: readonly GraphValue[];
  /** Parameters and buffers that the graph reads. */
  readonly params: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
  /** `value` names what the output `name` gives out. */
  readonly outputs: readonly (GraphValue & { readonly value: string })[];
}

export interface GraphValue {
  readonly name: string;
  readonly dims: readonly (number | string)[];
}

/** One member of the union for each op. */
type Node<
  Op extends string,
  In extends readonly string[],
  Attrs,
  Out extends readonly string[] = [string],
> = Op extends string ? { readonly op: Op; readonly in: In; readonly out: Out; readonly attrs: Attrs } : never;

type None = Readonly<Record<string, never>>;
type Pair = readonly [a: string, b: string];

export type GraphNode =
  | Node<'row', readonly [matrix: string], { readonly index: number }>
  | Node<
      'conv2d',
      readonly [x: string, weight: string] | readonly [x: string, weight: string, bias: string],
      { readonly stride: 1 | 2; readonly pad: 0 | 1; readonly groups: number }
    >
  | Node<'linear', readonly [x: string, weight: string, bias: string], None>
  | Node<'layerNorm', readonly [x: string, gain: string, shift: string], { readonly epsilon: number }>
  | Node<'simpleGate' | 'globalMean' | 'pixelShuffle', readonly [x: string], None>
  | Node<'concat' | 'add' | 'sub' | 'mul' | 'div', Pair, None>
  | Node<'affine', readonly [x: string], { readonly factor: number; readonly offset: number }>
  | Node<'leakyRelu', readonly [x: string], { readonly slope: number }>
  | Node<'clamp', readonly [x: string], { readonly low: number; readonly high: number }>
  | Node<
      'gate',
      readonly [matrix: string],
      { readonly row: number; readonly experts: readonly number[]; readonly position: number }
    >
  | Node<
      'quantize',
      readonly [z: string, codebook: string],
      { readonly depth: number },
      readonly [codes: string, quantised: string, partials: string]
    >;
