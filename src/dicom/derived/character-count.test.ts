import { expect, test } from 'vitest';
import { countCharacters } from './character-count.ts';

const latin = (text: string) => Buffer.from(text, 'latin1');

test.for([
  { name: 'ASCII without a character set', bytes: latin('CHEST'), sets: [], characters: 5 },
  { name: 'Latin-1', bytes: latin('Sch\xe4del'), sets: ['ISO_IR 100'], characters: 7 },
  { name: 'UTF-8', bytes: Buffer.from('胸部 CT ä', 'utf8'), sets: ['ISO_IR 192'], characters: 7 },
  {
    name: 'JIS X 0208 in G0, with escapes (chest, in Japanese)',
    bytes: latin('\x1b$B6;It\x1b(B CT'),
    sets: ['', 'ISO 2022 IR 87'],
    characters: 5,
  },
  {
    name: 'JIS X 0212 in G0, a four-byte escape',
    bytes: latin('\x1b$(D6;It\x1b(B'),
    sets: ['', 'ISO 2022 IR 159'],
    characters: 2,
  },
  {
    name: 'Korean in G1, two bytes a character, beside ASCII',
    bytes: latin('\x1b$)C\xc8\xeb\xba\xce CT'),
    sets: ['', 'ISO 2022 IR 149'],
    characters: 5,
  },
  {
    name: 'katakana in G1, one byte a character',
    bytes: latin('\xd4\xcf\xc0\xde'),
    sets: ['ISO_IR 13'],
    characters: 4,
  },
  { name: 'GBK', bytes: latin('\xd0\xd8\xb2\xbf CT'), sets: ['GBK'], characters: 5 },
  {
    name: 'GB18030 with a character of four bytes',
    bytes: latin('\x81\x30\x81\x30a'),
    sets: ['GB18030'],
    characters: 2,
  },
  { name: 'an escape that is cut', bytes: latin('AB\x1b$'), sets: ['', 'ISO 2022 IR 87'], characters: 2 },
  { name: 'nothing', bytes: latin(''), sets: ['ISO_IR 192'], characters: 0 },
])('counts $name', ({ bytes, sets, characters }) => {
  expect(countCharacters(bytes, sets)).toBe(characters);
});
