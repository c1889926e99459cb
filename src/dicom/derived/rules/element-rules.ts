import { keywordOfTag, tagText } from '../../tags.ts';
import type { ElementRule, Treatment } from './element-rule.ts';
import { frameRules } from './frame-rules.ts';
import { droppedPrivateElements, droppedPrivateGroups } from './private-elements.ts';
import { rootRules } from './root-rules.ts';

/** A row as documents print it. */
export interface ElementRuleText {
  readonly level: 'root' | 'functional group';
  /** `(0018,A001)`, `(60xx,1302)`, `(0043,xx29) GEMS_PARM_01`. */
  readonly tag: string;
  readonly name: string;
  readonly classic: Treatment;
  readonly multiFrame: Treatment;
  readonly content: string;
  readonly section: string;
}

/** Every rule that the writer and its check follow, as text; what no row names is kept. docs/conformance.md prints it. */
export function elementRules(): readonly ElementRuleText[] {
  return [
    ...rootRules.map((rule) => ruleText('root', rule)),
    ...frameRules.map((rule) => ruleText('functional group', rule)),
    ...privateRuleTexts(),
  ];
}

function ruleText(level: ElementRuleText['level'], rule: ElementRule): ElementRuleText {
  const { classic, 'multi-frame': multiFrame } = rule.treatment;
  return {
    level,
    tag: maskedTagText(rule),
    name: keywordOfTag(rule.tag) ?? '',
    classic,
    multiFrame,
    content: rule.content,
    section: rule.section,
  };
}

/** The tag with `x` for the digits that do not count, all of them or in part. */
function maskedTagText({ tag, mask }: ElementRule): string {
  const maskText = tagText(mask);
  const digits = Array.from(tagText(tag));
  return digits.map((digit, index) => (/[(),F]/.test(maskText.charAt(index)) ? digit : 'x')).join('');
}

function privateRuleTexts(): readonly ElementRuleText[] {
  return [
    ...droppedPrivateGroups.map((group) =>
      privateRow(`(${hex(group, 4)},xxxx)`, 'any creator', 'pixels, frame extremes'),
    ),
    ...droppedPrivateElements.flatMap(({ creator, group, elements, why }) =>
      elements.map((element) => privateRow(`(${hex(group, 4)},xx${hex(element, 2)})`, creator, why)),
    ),
  ];
}

function privateRow(tag: string, name: string, content: string): ElementRuleText {
  return { level: 'root', tag, name, classic: 'drop', multiFrame: 'drop', content, section: 'PS3.5 7.8' };
}

function hex(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}
