/** What one room may import; rooms are the folders of `src`. */
export interface Room {
  /** Other rooms. */
  readonly rooms: readonly string[];
  /** Rooms of which only types may be used. */
  readonly typesOf: readonly string[];
  /** npm packages; `folder/package` allows it in that folder of the room alone. */
  readonly packages: readonly string[];
  /** Built-in modules of Node, without `node:`; `file.ts/module` allows it in that file alone. */
  readonly builtIns: readonly string[];
}

/**
 * Who may import whom: architecture.md's table, with the columns that style.md 3 adds. Where it allows more than they
 * do: `crypto`, `path`, `url` and `zlib` do no I/O, and stand where a digest, a path or a deflated stream is made;
 * `ledger` makes UIDs out of SQL rows, which only the makers in `dicom` can; `pipeline` and `sender` read files of the
 * spool by the paths that it gives them; `pipeline` lowers the priority of its model process (`os`).
 */
// biome-ignore format: a table
export const rooms: Readonly<Record<string, Room>> = {
  dicom: {
    rooms: [], typesOf: [], packages: ['dcmjs', 'dcmjs-codecs'], builtIns: ['zlib', 'crypto'],
  },
  dimse: {
    rooms: ['dicom'], typesOf: [], packages: ['dcmjs-dimse'], builtIns: ['net', 'tls', 'stream'],
  },
  config: {
    rooms: ['dicom'], typesOf: [], packages: ['yaml', 'zod'], builtIns: ['fs', 'path', 'url', 'crypto'],
  },
  observe: {
    rooms: [], typesOf: ['config'], packages: ['winston'], builtIns: ['fs', 'net', 'tls', 'dgram', 'crypto'],
  },
  spool: {
    rooms: [], typesOf: [], packages: [], builtIns: ['fs', 'path', 'crypto'],
  },
  ledger: {
    rooms: ['dicom'], typesOf: [], packages: ['libsql'], builtIns: ['fs', 'path', 'worker_threads'],
  },
  scp: {
    rooms: ['dimse', 'dicom', 'spool', 'ledger', 'observe'], typesOf: ['config'],
    packages: ['dcmjs-dimse'], builtIns: ['net', 'tls', 'crypto'],
  },
  router: {
    rooms: ['dicom', 'config'], typesOf: [], packages: ['@marcbachmann/cel-js'], builtIns: [],
  },
  model: {
    rooms: [], typesOf: [],
    packages: [
      'executors/@tensorflow/tfjs-core', 'executors/@tensorflow/tfjs-backend-cpu',
      'executors/@tensorflow/tfjs-backend-wasm', 'executors/@tensorflow/tfjs-node-gpu', 'executors/onnxruntime-node',
    ],
    builtIns: ['crypto'],
  },
  pipeline: {
    rooms: ['dicom', 'model', 'router', 'ledger', 'spool', 'observe'], typesOf: ['config'],
    packages: [], builtIns: ['worker_threads', 'child_process', 'fs', 'os', 'path', 'url', 'crypto', 'zlib'],
  },
  sender: {
    rooms: ['dimse', 'dicom', 'spool', 'ledger', 'observe'], typesOf: ['config'],
    packages: ['dcmjs-dimse'], builtIns: ['net', 'tls', 'fs', 'crypto'],
  },
  schedule: {
    rooms: ['observe'], typesOf: ['config'], packages: ['node-schedule'], builtIns: [],
  },
  evaluate: {
    rooms: ['dicom', 'model'], typesOf: [], packages: [], builtIns: ['fs', 'path', 'crypto', 'zlib'],
  },
};

/** The composition root and the commands know every room. */
export const roofs: readonly string[] = ['node.ts', 'node-audit.ts', 'cli'];
