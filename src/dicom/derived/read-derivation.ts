import type { DataSet } from '../data-set.ts';
import { readItems, readString } from '../element-values.ts';
import { tags } from '../tags.ts';
import { isUid, type SopInstanceUid } from '../uid.ts';
import { derivations, type Task } from './codes.ts';
import { derivedTags } from './derived-tags.ts';
import { ownModelName } from './equipment.ts';

/** What one of our own objects says about how it was made: enough for its row in a ledger that was lost. */
export interface Derivation {
  readonly sourceSopInstanceUid: SopInstanceUid;
  readonly task: Task;
  readonly pixelDigest: string;
  /** The recipe's context as canonical JSON. */
  readonly contextJson: string;
}

/** Reads back what `deriveInstance` wrote; `undefined` for an object that is not ours. derived-objects.md 2.3 to 2.5. */
export function readDerivation(dataSet: DataSet): Derivation | undefined {
  const source = sourceOf(dataSet);
  const task = taskOf(dataSet);
  const own = readItems(dataSet, derivedTags.ContributingEquipmentSequence).findLast(
    (item) => readString(item, derivedTags.ManufacturerModelName) === ownModelName,
  );
  const contribution = own && readString(own, derivedTags.ContributionDescription);
  const pixelDigest = /source-pixels=([0-9a-f]{64})/.exec(contribution ?? '')?.[1];
  const description = readString(descriptionHolder(dataSet), derivedTags.DerivationDescription) ?? '';
  const contextJson = /; context=(\{[^}]*\});/.exec(description)?.[1];
  if (source === undefined || task === undefined || pixelDigest === undefined || contextJson === undefined)
    return undefined;
  return { sourceSopInstanceUid: source, task, pixelDigest, contextJson };
}

/** Classic objects say it at the root, multi-frame ones in each frame's Derivation Image item. */
function descriptionHolder(dataSet: DataSet): DataSet {
  const [frame] = readItems(dataSet, tags.PerFrameFunctionalGroupsSequence);
  return (frame && readItems(frame, derivedTags.DerivationImageSequence)[0]) ?? dataSet;
}

function sourceOf(dataSet: DataSet): SopInstanceUid | undefined {
  const [source] = readItems(descriptionHolder(dataSet), derivedTags.SourceImageSequence);
  const uid = (source && readString(source, derivedTags.ReferencedSopInstanceUid)) ?? '';
  return isUid<SopInstanceUid>(uid) ? uid : undefined;
}

function taskOf(dataSet: DataSet): Task | undefined {
  const [item] = readItems(descriptionHolder(dataSet), derivedTags.DerivationCodeSequence);
  const value = item && readString(item, derivedTags.CodeValue);
  return derivationTasks.find((task) => derivations[task].code.value === value);
}

const derivationTasks: readonly Task[] = ['ct-denoising', 'mri-super-resolution', 'pet-synthesis'];
