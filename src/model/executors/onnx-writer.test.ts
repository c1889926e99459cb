import { describe, expect, test } from 'vitest';
import { encodeOnnx } from './onnx-writer.ts';

describe('encodeOnnx', () => {
  test('writes a model of one node as onnx.proto3 asks, byte by byte', () => {
    const bytes = encodeOnnx({
      name: 'g',
      nodes: [{ op: 'LeakyRelu', inputs: ['x'], outputs: ['y'], attributes: { alpha: { float: 0.5 } } }],
      initialisers: [],
      inputs: [{ name: 'x', type: 'float', dims: [1, '8h'] }],
      outputs: [],
    });

    // biome-ignore format: one field per line
    expect(bytes.toString('hex')).toBe([
      '0808',                                     // ir_version 8
      '120d', hex('diffcode-node'),               // producer_name
      '3a3e',                                     // graph
      '0a22',                                     //   node
      '0a01', hex('x'), '1201', hex('y'),         //     input, output
      '2209', hex('LeakyRelu'),                   //     op_type
      '2a0f', '0a05', hex('alpha'),               //     attribute: name
      'a00101', '150000003f',                     //       type FLOAT, f = 0.5
      '1201', hex('g'),                           //   name
      '5a15', '0a01', hex('x'),                   //   input: name
      '1210', '0a0e', '0801',                     //     tensor type float
      '120a', '0a020801', '0a041202', hex('8h'),  //     shape [1, 8h]
      '42021011',                                 // opset 17
    ].join(''));
  });

  test('writes integers above seven bits as varints, negative ones in ten bytes', () => {
    const axis = { op: 'ArgMin', inputs: [], outputs: [], attributes: { axis: -1, wide: 300 } };
    const bytes = encodeOnnx({ name: 'g', nodes: [axis], initialisers: [], inputs: [], outputs: [] }).toString('hex');

    expect(bytes).toContain('18ffffffffffffffffff01');
    expect(bytes).toContain('18ac02');
  });
});

function hex(text: string): string {
  return Buffer.from(text).toString('hex');
}
