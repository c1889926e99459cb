import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from './onnx-model.ts';

const irVersion = 8;
const opset = 17;
const elementTypes = { float: 1, int32: 6, int64: 7 };
/** AttributeProto.type: which of the attribute's fields is used. */
const attributeTypes = { float: 1, integer: 2, text: 3, integers: 7 };

type Field = readonly [number: number, value: bigint | Buffer];

/** A model as the bytes of an ONNX `ModelProto`. Field numbers are those of onnx.proto3. */
export function encodeOnnx(model: OnnxModel): Buffer {
  const graph = message([
    ...model.nodes.map((node): Field => [1, encodeNode(node)]),
    [2, text(model.name)],
    ...model.initialisers.map((tensor): Field => [5, encodeTensor(tensor)]),
    ...model.inputs.map((value): Field => [11, encodeValue(value)]),
    ...model.outputs.map((value): Field => [12, encodeValue(value)]),
  ]);
  const operatorSet = message([[2, BigInt(opset)]]);
  return message([
    [1, BigInt(irVersion)],
    [2, text('diffcode-node')],
    [7, graph],
    [8, operatorSet],
  ]);
}

function encodeNode({ op, inputs, outputs, attributes }: OnnxNode): Buffer {
  return message([
    ...inputs.map((name): Field => [1, text(name)]),
    ...outputs.map((name): Field => [2, text(name)]),
    [4, text(op)],
    ...Object.entries(attributes).map(([name, value]): Field => [5, encodeAttribute(name, value)]),
  ]);
}

function encodeAttribute(name: string, value: OnnxAttribute): Buffer {
  const title: Field = [1, text(name)];
  if (typeof value === 'number') return message([title, [3, BigInt(value)], kind(attributeTypes.integer)]);
  if (typeof value === 'string') return message([title, [4, text(value)], kind(attributeTypes.text)]);
  if ('float' in value) return Buffer.concat([message([title, kind(attributeTypes.float)]), float(2, value.float)]);
  return message([title, ...value.map((item): Field => [8, BigInt(item)]), kind(attributeTypes.integers)]);
}

function encodeTensor({ name, dims, data }: OnnxTensor): Buffer {
  return message([
    ...dims.map((size): Field => [1, BigInt(size)]),
    [2, BigInt(data instanceof Float32Array ? elementTypes.float : elementTypes.int64)],
    [8, text(name)],
    [9, Buffer.from(data.buffer, data.byteOffset, data.byteLength)],
  ]);
}

function encodeValue({ name, type, dims }: OnnxValue): Buffer {
  const shape = message(dims.map((dim): Field => [1, encodeDimension(dim)]));
  const tensorType = message([
    [1, BigInt(elementTypes[type])],
    [2, shape],
  ]);
  return message([
    [1, text(name)],
    [2, message([[1, tensorType]])],
  ]);
}

function encodeDimension(dim: number | string): Buffer {
  return message([typeof dim === 'number' ? [1, BigInt(dim)] : [2, text(dim)]]);
}

function kind(code: number): Field {
  return [20, BigInt(code)];
}

/** Fields in protobuf's wire format: an integer as a varint (type 0), bytes with their length (type 2). */
function message(fields: readonly Field[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) =>
      typeof value === 'bigint'
        ? [varint(BigInt(number << 3)), varint(value)]
        : [varint(BigInt((number << 3) | 2)), varint(BigInt(value.length)), value],
    ),
  );
}

function float(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([varint(BigInt((field << 3) | 5)), bytes]);
}

/** Seven bits a byte, lowest first; negative integers as 64-bit two's complement. */
function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}

function text(value: string): Buffer {
  return Buffer.from(value, 'utf8');
}
