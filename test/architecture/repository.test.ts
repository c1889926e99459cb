import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

function read(path: string): string {
  return readFileSync(`${root}${path}`, 'utf8');
}

interface LockedPackage {
  readonly hasInstallScript?: boolean;
  readonly optional?: boolean;
}

interface Manifest {
  readonly allowScripts: Readonly<Record<string, boolean>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
}

describe('the lock file', () => {
  test('names no host that packages come from: that is the business of the machine that installs', () => {
    const lock = read('package-lock.json');

    expect(lock).not.toContain('"resolved"');
    expect(lock).not.toMatch(/https?:\/\/[^"]*\.tgz/);
  });

  test('has one dcmjs for all who use it', () => {
    const lock: { readonly packages: Readonly<Record<string, unknown>> } = JSON.parse(read('package-lock.json'));

    expect(Object.keys(lock.packages).filter((path) => path.endsWith('node_modules/dcmjs'))).toEqual([
      'node_modules/dcmjs',
    ]);
  });

  test('requires no package that runs a script at install, but for those that package.json forbids to', () => {
    const lock: { readonly packages: Readonly<Record<string, LockedPackage>> } = JSON.parse(read('package-lock.json'));
    const { allowScripts, optionalDependencies }: Manifest = JSON.parse(read('package.json'));
    const scripted = Object.entries(lock.packages)
      .filter(([, { hasInstallScript = false, optional = false }]) => hasInstallScript && !optional)
      .map(([path]) => path.replace(/^.*node_modules\//, ''));

    expect(scripted.filter((name) => allowScripts[name] !== false)).toEqual([]);
    expect(lock.packages['node_modules/@tensorflow/tfjs-node-gpu']?.optional).toBe(true);
    expect(Object.keys(optionalDependencies)).toEqual(['@tensorflow/tfjs-node-gpu']);
  });
});

describe('package.json', () => {
  const manifest: Readonly<Record<string, Readonly<Record<string, string>>>> = JSON.parse(read('package.json'));

  test('pins every version', () => {
    const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'];
    const versions = kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {}));

    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  });

  test('chains its scripts by name, so that --ignore-scripts skips none of them', () => {
    const scripts = Object.keys(manifest['scripts'] ?? {});

    expect(scripts.filter((name) => /^(pre|post)/.test(name) && name !== 'prepare')).toEqual([]);
  });
});

/** Lines of tracked files of these kinds that match, as `file:line`; this file, which names the patterns, is left out. */
function linesLike(pattern: RegExp, kinds: readonly string[]): readonly string[] {
  const tracked = execFileSync('git', ['ls-files', ...kinds.map((kind) => `*.${kind}`)], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = tracked.split('\n').filter((file) => file !== '' && !file.endsWith('repository.test.ts'));
  return files.flatMap((file) =>
    read(file)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : [])),
  );
}

const code = ['ts', 'cjs', 'py', 'sql'];
const everything = [...code, 'md', 'json', 'yaml', 'yml', 'toml', 'sh', 'tsv'];

describe('the repository', () => {
  test.for([
    {
      name: 'a path of somebody’s machine',
      pattern: /(^|[\s"'`(=:])\/(home|work|root|Users|mnt)\/\w/,
      kinds: everything,
    },
    { name: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/, kinds: everything },
    {
      name: 'a compiler or linter silenced',
      pattern: /@ts-(ignore|nocheck|expect-error)|(oxlint|eslint)-disable/,
      kinds: code,
    },
    { name: 'a note to do something without an issue number', pattern: /\b(TODO|FIXME|XXX)\b(?!.*#\d)/, kinds: code },
    { name: 'a test that runs alone', pattern: /\b(test|it|describe)\.only\b/, kinds: code },
  ])('holds no $name', ({ pattern, kinds }) => {
    expect(linesLike(pattern, kinds)).toEqual([]);
  });
});
