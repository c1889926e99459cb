/** Constants of one diffusion step t (model-spec.md 2.5), float32 values. */
export interface DiffusionStep {
  readonly t: number;
  readonly beta: number;
  readonly alphaBar: number;
  /** Factor of x̂₀ in the posterior mean. */
  readonly c1: number;
  /** Factor of x_t in the posterior mean. */
  readonly c2: number;
  /** √β̃_t, the posterior's standard deviation; 0 at t = 1. */
  readonly sigma: number;
}

/** T. */
export const diffusionSteps = 8;
/** β_1 and β_T. */
export const betaRange: readonly [number, number] = [0.1, 0.99];

/** Steps 1..T in this order: β linear from 0.1 to 0.99, computed in float64, rounded to float32. */
export const schedule: readonly DiffusionStep[] = makeSchedule();

/** Step t, 1..T. */
export function stepAt(t: number): DiffusionStep {
  const step = schedule[t - 1];
  if (step === undefined) throw new RangeError(`no diffusion step ${t}`);
  return step;
}

function makeSchedule(): DiffusionStep[] {
  const [firstBeta, lastBeta] = betaRange;
  const steps: DiffusionStep[] = [];
  let before = 1;
  for (let t = 1; t <= diffusionSteps; t++) {
    const beta = firstBeta + ((t - 1) * (lastBeta - firstBeta)) / (diffusionSteps - 1);
    const alphaBar = before * (1 - beta);
    steps.push(float32Step(t, beta, before, alphaBar));
    before = alphaBar;
  }
  return steps;
}

function float32Step(t: number, beta: number, before: number, alphaBar: number): DiffusionStep {
  return {
    t,
    beta: Math.fround(beta),
    alphaBar: Math.fround(alphaBar),
    c1: Math.fround((beta * Math.sqrt(before)) / (1 - alphaBar)),
    c2: Math.fround(((1 - before) * Math.sqrt(1 - beta)) / (1 - alphaBar)),
    sigma: Math.fround(Math.sqrt(((1 - before) / (1 - alphaBar)) * beta)),
  };
}
