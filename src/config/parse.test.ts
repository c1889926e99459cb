import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CheckExpression } from './cross-checks.ts';
import { ConfigError, type Fault, faultLine } from './errors.ts';
import { type ConfigTexts, parseConfig } from './parse.ts';

const destinations = 'pacs: { aeTitle: ORTHANC, host: 127.0.0.1, port: 4242 }\n';

/** Stands in for the router's CEL: an expression is broken where it has a `?`. */
const checkExpression: CheckExpression = (text) =>
  text.includes('?') ? { index: text.indexOf('?'), message: 'unexpected `?`' } : undefined;

function parse(texts: { readonly node?: string; readonly destinations?: string; readonly rules?: string }) {
  const all: ConfigTexts = {
    'node.yaml': texts.node ?? '',
    'destinations.yaml': texts.destinations ?? destinations,
    'rules.yaml': texts.rules ?? '',
  };
  return parseConfig(all, { folder: '/etc/diffcode', checkExpression });
}

function faultsOf(texts: Parameters<typeof parse>[0]): readonly Fault[] {
  try {
    parse(texts);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults;
    throw error;
  }
  return [];
}

const lines = (texts: Parameters<typeof parse>[0]): readonly string[] => faultsOf(texts).map(faultLine);

describe('a configuration', () => {
  test('that says nothing has every default, and accepts nobody', () => {
    const config = parse({});

    expect(config.callers).toEqual([]);
    expect(config.scp).toMatchObject({ aeTitle: 'DIFFCODE', host: '127.0.0.1', port: 11_112, processes: 1 });
    expect(config.scp.limits).toMatchObject({ associations: 64, artimMs: 10_000, storeDataSetBytes: 8 * 1024 ** 3 });
    expect(config.assembler).toMatchObject({ quietMs: 60_000, quietWithCountMs: 5000, maxAgeMs: 1_800_000 });
    expect(config.sender).toMatchObject({ backoffFirstMs: 5000, backoffMaxMs: 900_000, failedAttempts: 8 });
    expect(config.retention).toEqual({ afterMs: 604_800_000, need: 'acknowledged' });
    expect(config.gate['ct-denoising'].meanShiftHu).toEqual({ air: 5, lung: 5, fat: 3, softTissue: 3, bone: 10 });
    expect(config.gate['ct-denoising'].noiseRatio).toEqual({ min: 0.2, max: 1 });
  });

  test('keeps every other default where one key is set', () => {
    const config = parse({ node: 'gate: { ct-denoising: { noiseRatio: { min: 0.5 } } }' });

    expect(config.gate['ct-denoising'].noiseRatio).toEqual({ min: 0.5, max: 1 });
  });

  test('may be JSON text, indented with tabs', () => {
    const config = parse({ node: JSON.stringify({ scp: { port: 104 } }, null, '\t') });

    expect(config.scp.port).toBe(104);
  });

  test('is frozen all the way down', () => {
    const config = parse({ rules: '- { name: all, do: forward, originals: [pacs] }' });

    expect(Object.isFrozen(config.rules[0])).toBe(true);
    expect(Object.isFrozen(config.gate['pet-synthesis'].totalActivityRatio)).toBe(true);
  });

  test('takes relative paths as relative to the folder of node.yaml, and leaves absolute ones', () => {
    const config = parse({ node: 'spool: { folder: ../data/spool }\nledger: { file: /var/lib/ledger.db }' });

    expect(config.spool.folder).toBe('/etc/data/spool');
    expect(config.ledger.file).toBe('/var/lib/ledger.db');
    expect(config.audit.file).toBe('/etc/diffcode/data/audit.jsonl');
  });

  test('takes weights as a name, or as a file where they end in .safetensors', () => {
    expect(parse({ node: 'model: { weights: small24 }' }).model.weights).toBe('small24');
    expect(parse({ node: 'model: { weights: w.safetensors }' }).model.weights).toBe('/etc/diffcode/w.safetensors');
  });

  test('has the same digest however it is spelt, and another where it says something else', () => {
    const digest = parse({ node: 'scp: { port: 104, aeTitle: NODE }' }).digest;

    expect(parse({ node: '# a comment\nscp:\n  aeTitle: "NODE"\n  port: 104\n' }).digest).toBe(digest);
    expect(parse({ node: 'scp: { port: 105, aeTitle: NODE }' }).digest).not.toBe(digest);
  });
});

describe('a fault names the file, the line, the column and what to do', () => {
  test.for([
    {
      name: 'a bad indentation',
      texts: { node: 'scp:\n  port: 104\n aeTitle: X\n' },
      line: 'node.yaml:3:1: All mapping items must start at the same column',
    },
    {
      name: 'a key that stands twice',
      texts: { node: 'scp: { port: 1 }\nscp: { port: 2 }\n' },
      line: 'node.yaml:2:1: Map keys must be unique',
    },
    {
      name: 'an unknown key, with the one that was meant',
      texts: { node: 'scp:\n  aeTitle: X\n  prot: 104\n' },
      line: 'node.yaml:3:3: scp: unknown key `prot`; did you mean `port`?',
    },
    {
      name: 'an unknown key that is like no other, with those that are known',
      texts: { node: 'ledger: { postgres: true }\n' },
      line: 'node.yaml:1:11: ledger: unknown key `postgres`; known here: file',
    },
    {
      name: 'text where a number must stand',
      texts: { node: 'scp:\n  port: eleven\n' },
      line: 'node.yaml:2:9: scp.port: expected number, received string',
    },
    {
      name: 'a number out of range',
      texts: { destinations: 'pacs: { aeTitle: A, host: h, port: 70000 }\n' },
      line: 'destinations.yaml:1:36: pacs.port: Too big: expected number to be <=65535',
    },
    {
      name: 'an AE title of 17 characters',
      texts: { node: 'scp: { aeTitle: ABCDEFGHIJKLMNOPQ }\n' },
      line: 'node.yaml:1:17: scp.aeTitle: not an AE title: 1 to 16 printable characters without backslash',
    },
    {
      name: 'an address that is none',
      texts: { node: "callers:\n  - { aeTitle: '*', addresses: [10.0.0.0/33] }\n" },
      line: 'node.yaml:2:33: callers.[0].addresses.[0]: not an address or network such as 10.0.0.7 or 10.0.0.0/24',
    },
    {
      name: 'a time zone that is none',
      texts: { node: "windows: { n: { from: '22:00', to: '06:00', timezone: Mars/Base } }\n" },
      line: 'node.yaml:1:55: windows.n.timezone: not an IANA time zone such as Europe/Berlin',
    },
    {
      name: 'a duration without a unit',
      texts: { node: 'retention: { after: 7 }\n' },
      line: 'node.yaml:1:21: retention.after: expected string, received number',
    },
    {
      name: 'a low mark above the high mark',
      texts: { node: 'spool: { lowMark: 0.95 }\n' },
      line: 'node.yaml:1:19: spool.lowMark: must be below highMark',
    },
    {
      name: 'a task that is missing',
      texts: { rules: '- name: ct\n  do: restore\n  restored: [pacs]\n' },
      line: 'rules.yaml:1:3: ct.task: missing',
    },
    {
      name: 'a rule that does nothing known',
      texts: { rules: '- { name: ct, do: explode }\n' },
      line: "rules.yaml:1:19: ct.do: Invalid discriminator value. Expected 'restore' | 'forward' | 'exclude' | 'quarantine'",
    },
    {
      name: '`when: instance` on a rule that restores',
      texts: { rules: '- { name: ct, when: instance, do: restore, task: ct-denoising, restored: [pacs] }\n' },
      line: 'rules.yaml:1:15: ct: unknown key `when`; `when: instance` may only stand with `do: forward`',
    },
    {
      name: 'a misspelt bound inside a matcher',
      texts: { rules: '- { name: ct, match: { SliceThickness: { mim: 3 } }, do: forward }\n' },
      line: 'rules.yaml:1:42: ct.match.SliceThickness: unknown key `mim`; did you mean `min`?',
    },
    {
      name: 'a matcher of no known form',
      texts: { rules: '- { name: ct, match: { Modality: true }, do: forward }\n' },
      line: 'rules.yaml:1:34: ct.match.Modality: a matcher is a value, a list of values, { has: token }, { min, max }, { not: … } or { absent: true }',
    },
    {
      name: 'a destination that is not defined, with the one that was meant',
      texts: { rules: '- name: ct\n  do: forward\n  originals: [pasc]\n' },
      line: 'rules.yaml:3:15: unknown destination `pasc`; did you mean `pacs`?',
    },
    {
      name: 'a restored destination that is not defined',
      texts: { rules: '- { name: ct, do: restore, task: ct-denoising, restored: [archive] }\n' },
      line: 'rules.yaml:1:59: unknown destination `archive`; destinations.yaml has: pacs',
    },
    {
      name: 'a time window that a rule names and nobody defined',
      texts: { rules: '- { name: ct, do: restore, task: ct-denoising, restored: [pacs], window: nights }\n' },
      line: 'rules.yaml:1:74: unknown time window `nights`; add it to windows of node.yaml',
    },
    {
      name: 'a time window that a destination names and nobody defined',
      texts: { destinations: 'pacs:\n  aeTitle: A\n  host: h\n  port: 1\n  window: nights\n' },
      line: 'destinations.yaml:5:11: unknown time window `nights`; add it to windows of node.yaml',
    },
    {
      name: 'two rules of one name',
      texts: { rules: '- { name: all, do: forward }\n- { name: all, do: exclude }\n' },
      line: 'rules.yaml:2:11: a second rule is called `all`; the ledger keeps names, so each must be unique',
    },
    {
      name: 'a match on something that is no DICOM keyword',
      texts: { rules: '- { name: all, match: { Modalty: CT }, do: forward }\n' },
      line: 'rules.yaml:1:25: `Modalty` is no DICOM keyword; did you mean `Modality`?',
    },
    {
      name: 'an expression that can’t be understood, with a caret where it breaks',
      texts: { rules: '- name: all\n  cel: series.instances ? 5\n  do: forward\n' },
      line: 'rules.yaml:2:25: unexpected `?`\n    series.instances ? 5\n                     ^',
    },
    {
      name: 'a broken expression in quotes',
      texts: { rules: "- name: all\n  cel: 'series.instances ? 5'\n  do: forward\n" },
      line: 'rules.yaml:2:26: unexpected `?`\n    series.instances ? 5\n                     ^',
    },
    {
      name: 'a broken expression over several lines, by its own line',
      texts: { rules: '- name: all\n  cel: |\n    1 < 2 &&\n    3 ? 4\n  do: forward\n' },
      line: 'rules.yaml:2:8: unexpected `?`\n    3 ? 4\n      ^',
    },
  ])('$name', ({ texts, line }) => {
    expect(lines(texts)[0]).toBe(line);
  });

  test('and all faults of all files are told at once, in the order of the text', () => {
    const found = faultsOf({
      node: 'scp: { prot: 104 }\n',
      destinations: 'pacs: { aeTitle: A, host: h, port: none }\n',
      rules: '- { name: a, do: forward, originals: [nowhere] }\n- { name: b, do: forward, orignals: [pacs] }\n',
    });

    expect(found.map(({ code, file, line }) => `${file}:${line} ${code}`)).toEqual([
      'node.yaml:1 CONFIG_UNKNOWN_KEY',
      'destinations.yaml:1 CONFIG_BAD_VALUE',
      'rules.yaml:1 CONFIG_UNKNOWN_DESTINATION',
      'rules.yaml:2 CONFIG_UNKNOWN_KEY',
    ]);
  });

  test('and a file that is no YAML at all does not make the names in others unknown', () => {
    const found = faultsOf({
      destinations: 'pacs: [',
      rules: '- { name: a, do: forward, originals: [pacs] }\n',
    });

    expect(found.map(({ file }) => file)).not.toContain('rules.yaml');
  });

  test('and a bomb of aliases is a fault, not a full memory', () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x]'];
    for (let n = 1; n < 9; n += 1)
      bomb.push(
        `a${n}: &a${n} [${Array(8)
          .fill(`*a${n - 1}`)
          .join(', ')}]`,
      );

    expect(lines({ node: bomb.join('\n') })[0]).toMatch(/^node.yaml:1:1: Excessive alias count/);
  });

  test('and any text at all gives a configuration or faults with a place, never anything else', () => {
    const words = [
      'scp',
      'callers',
      'windows',
      'rules',
      'name',
      'do',
      'restore',
      'match',
      'cel',
      '- ',
      ': ',
      '\n',
      '  ',
    ];
    const odd = [
      '{',
      '}',
      '[',
      ']',
      '&a ',
      '*a',
      '<<',
      '"',
      "'",
      '|',
      '>',
      '#',
      '!!str ',
      '\t',
      '0x1F',
      '~',
      '__proto__',
    ];
    const text = fc.array(fc.constantFrom(...words, ...odd), { maxLength: 30 }).map((parts) => parts.join(''));
    const property = fc.property(text, text, text, (node, peers, rules) => {
      for (const fault of faultsOf({ node, destinations: peers, rules })) {
        expect(fault.line).toBeGreaterThanOrEqual(1);
        expect(fault.column).toBeGreaterThanOrEqual(1);
        expect(fault.message).not.toBe('');
      }
    });

    fc.assert(property, { seed: 20_260_101, numRuns: 300 });
  });
});
