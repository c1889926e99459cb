import { describe, expect, test } from 'vitest';
import { elementRules } from './element-rules.ts';

describe('elementRules', () => {
  const rules = elementRules();

  test.for([
    { level: 'root', tag: '(0008,0018)', classic: 'set', multiFrame: 'set' },
    { level: 'root', tag: '(0008,2112)', classic: 'set', multiFrame: 'drop' },
    { level: 'root', tag: '(0018,9004)', classic: 'drop', multiFrame: 'set' },
    { level: 'root', tag: '(xxxx,0000)', classic: 'drop', multiFrame: 'drop' },
    { level: 'root', tag: '(60xx,1302)', classic: 'drop', multiFrame: 'drop' },
    { level: 'root', tag: '(0043,xx29)', classic: 'drop', multiFrame: 'drop' },
    { level: 'root', tag: '(7FE1,xxxx)', classic: 'drop', multiFrame: 'drop' },
    { level: 'functional group', tag: '(0008,9124)', classic: 'keep', multiFrame: 'set' },
  ])('prints $level $tag', (row) => {
    expect(rules).toContainEqual(expect.objectContaining(row));
  });

  test('no row stands twice', () => {
    const keys = rules.map(({ level, tag, name }) => `${level} ${tag} ${name}`);

    expect(new Set(keys).size).toBe(keys.length);
  });

  test('every row names its section', () => {
    expect(rules.filter(({ section }) => section === '')).toEqual([]);
  });

  test('rows of single elements carry the keyword of the dictionary', () => {
    const nameless = rules.filter(({ tag, name }) => name === '' && !tag.includes('x'));

    expect(nameless.map(({ tag }) => tag)).toEqual([]);
  });
});
