import type { HostTensor } from '../safetensors.ts';
import { codebookTable, gramTable, roundsFor } from './codebook-table.ts';
import type { Tensor } from './executor.ts';
import type { OnnxBuilder } from './onnx-builder.ts';

/** Names of the three results of `quantize`. */
export interface LoweredQuantizer {
  readonly codes: string;
  readonly quantised: string;
  readonly partials: string | undefined;
}

/** What is quantized with what; `partials` are lowered only where something reads them. */
export interface QuantizerRequest {
  readonly z: string;
  readonly codebook: string;
  readonly depth: number;
  readonly partials: 'wanted' | 'unused';
}

const toNhwc = { perm: [0, 2, 3, 1] };
const toNchw = { perm: [0, 3, 1, 2] };

/**
 * Residual quantization as ONNX nodes (engines.md D11): one product gives all scores, then each round is the first
 * smallest score and one gathered row. Works on `[n, h, w, d]`, so that no shape is ever computed. The Gram table is a
 * graph input, added to `bound`.
 */
export function lowerQuantizer(
  onnx: OnnxBuilder,
  { z, codebook, depth, partials }: QuantizerRequest,
  tensor: HostTensor,
  bound: Map<string, Tensor>,
): LoweredQuantizer {
  const [codes = 0, width = 0] = tensor.shape;
  const { halfNorms, negativeTransposed } = codebookTable(tensor);
  const rows = onnx.constant(codebook, [codes, width], tensor.data);
  const transposed = onnx.constant(`${codebook}:transposed`, [width, codes], negativeTransposed);
  const norms = onnx.constant(`${codebook}:norms`, [codes], halfNorms);
  const scoresOf = (residual: string) => onnx.node('Add', [onnx.node('MatMul', [residual, transposed]), norms]);
  const gram = roundsFor(codes) === 'gram' ? bindGram(onnx, codebook, tensor, bound) : undefined;

  let residual = onnx.node('Transpose', [z], toNhwc); // [n, h, w, d]
  let scores = scoresOf(residual); //                    [n, h, w, K]
  const chosen: string[] = [];
  const sums: string[] = [];
  for (let round = 0; round < depth; round++) {
    const index = onnx.node('ArgMin', [scores], { axis: -1, keepdims: 0, select_last_index: 0 }); // [n, h, w]
    const row = onnx.node('Gather', [rows, index], { axis: 0 });
    const before = sums.at(-1);
    sums.push(before === undefined ? row : onnx.node('Add', [before, row]));
    chosen.push(onnx.node('Unsqueeze', [index, onnx.axes(-1)]));
    if (round === depth - 1) break;
    if (gram !== undefined) scores = onnx.node('Add', [scores, onnx.node('Gather', [gram, index], { axis: 0 })]);
    else {
      residual = onnx.node('Sub', [residual, row]);
      scores = scoresOf(residual);
    }
  }
  return collect(onnx, chosen, sums, partials);
}

function bindGram(onnx: OnnxBuilder, codebook: string, tensor: HostTensor, bound: Map<string, Tensor>): string {
  const name = `gram:${codebook}`;
  const [codes = 0] = tensor.shape;
  if (!bound.has(name)) {
    bound.set(name, { dims: [codes, codes], data: gramTable(tensor) });
    onnx.input(name, [codes, codes]);
  }
  return name;
}

function collect(
  onnx: OnnxBuilder,
  chosen: readonly string[],
  sums: readonly string[],
  partials: QuantizerRequest['partials'],
): LoweredQuantizer {
  const codes = onnx.node('Cast', [onnx.node('Concat', chosen, { axis: -1 })], { to: 6 }); // int32
  const images = (partials === 'wanted' ? sums : sums.slice(-1)).map((sum) => onnx.node('Transpose', [sum], toNchw));
  const quantised = images.at(-1) ?? codes;
  if (partials === 'unused') return { codes, quantised, partials: undefined };
  const stacked = images.map((image) => onnx.node('Unsqueeze', [image, onnx.axes(0)]));
  return { codes, quantised, partials: onnx.node('Concat', stacked, { axis: 0 }) };
}
