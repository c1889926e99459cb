/** The three tasks; the index in this list is the model's task number (model-spec.md 2.1). */
export const tasks = ['mri-super-resolution', 'ct-denoising', 'pet-synthesis'] as const;

export type Task = (typeof tasks)[number];

/** Row of `task` in the statistics, the gate matrix and the classifier's logits. */
export function taskIndex(task: Task): number {
  return tasks.indexOf(task);
}

/** Narrows a string from a file or a configuration to a task. */
export function isTask(name: string): name is Task {
  return tasks.some((task) => task === name);
}

/** One value for each task, by its index. */
export function byTask<Value>(valueOf: (index: number) => Value): Record<Task, Value> {
  return {
    'mri-super-resolution': valueOf(taskIndex('mri-super-resolution')),
    'ct-denoising': valueOf(taskIndex('ct-denoising')),
    'pet-synthesis': valueOf(taskIndex('pet-synthesis')),
  };
}

/** Last part of the name of the task's codebook, `codebook.mr` (model-spec.md 5). */
export const codebookNames: Readonly<Record<Task, string>> = {
  'mri-super-resolution': 'mr',
  'ct-denoising': 'ct',
  'pet-synthesis': 'pet',
};

/** The network sees u = gain · (x − offset) of the unit range x (model-spec.md 2.8). */
export interface InputScale {
  readonly gain: number;
  readonly offset: number;
}

export const inputScales: Readonly<Record<Task, InputScale>> = {
  'mri-super-resolution': { gain: 1, offset: 0 },
  'ct-denoising': { gain: 16, offset: 1024 / 4095 },
  'pet-synthesis': { gain: 4, offset: 0 },
};
