import type { Config, Task } from '../config/schema.ts';
import type { Job, JobEnd, Ledger } from '../ledger/ledger.ts';
import type { Logger } from '../observe/logger.ts';
import type { Spool } from '../spool/spool.ts';
import { jobWork } from './job-work.ts';
import type { Provenance, SeriesOutcome, SeriesWork, WeightsFile } from './series-work.ts';

/** Whoever restores one series: a worker thread in the node. Rejects with an error that has a `code`. */
export interface SeriesRestorer {
  restore(work: SeriesWork, signal: AbortSignal): Promise<SeriesOutcome>;
  close(): Promise<void>;
}

export interface JobRunnerParts {
  readonly ledger: Ledger;
  /** Who this node is in leases, the same after each start. */
  readonly owner: string;
  readonly spool: Spool;
  readonly restorer: SeriesRestorer;
  readonly config: Pick<Config, 'model' | 'gate'>;
  readonly widenedLimits: (task: Task) => readonly string[];
  readonly provenance: Omit<Provenance, 'claimedAt'>;
  /** The weights in force. A job that was decided for others is done with these: its window may open days later. */
  readonly weights: () => WeightsFile;
  readonly preset: string;
  readonly openWindows: () => readonly string[];
  readonly logger: Logger;
  readonly now: () => number;
  /** Something is due at a destination now. */
  readonly onDeliveries: () => void;
}

/** After a `kill -9` the job under way is due again when this has passed. */
const leaseMs = 30_000;
const renewMs = 10_000;
const firstRetryMs = 10_000;
const ledgerPauseMs = 1_000;

/** Claims restoration jobs one at a time, has them done, and writes how each ended (architecture.md, steps 4 and 5). */
export class JobRunner {
  readonly #parts: JobRunnerParts;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #again = false;
  #idle: Promise<void> = Promise.resolve();

  constructor(parts: JobRunnerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.wake();
  }

  /** Looks for due jobs; cheap to call at every event. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    this.#again = true;
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
      if (this.#again) this.wake();
    });
    this.#idle = this.#running;
  }

  /** Lets no new job begin, stops the one at work and gives it back: it is due again at the next start. */
  async stop(): Promise<void> {
    this.#again = false;
    this.#stopping.abort();
    await this.#idle;
    await this.#parts.restorer.close();
  }

  async #drain(): Promise<void> {
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      try {
        for (let job = await this.#claim(); job !== undefined; job = await this.#claim()) await this.#work(job);
      } catch (error) {
        // A ledger that can't commit now may be able to later: whoever wakes next tries again.
        this.#parts.logger.error('job.unclaimed', { errorCode: codeOf(error), reason: messageOf(error) });
        return;
      }
    }
  }

  async #claim(): Promise<Job | undefined> {
    if (this.#stopping.signal.aborted) return undefined;
    const now = this.#parts.now();
    const lease = { owner: this.#parts.owner, until: now + leaseMs };
    return this.#parts.ledger.claimJob(lease, this.#parts.openWindows(), now);
  }

  async #work(job: Job): Promise<void> {
    const { logger, ledger, now } = this.#parts;
    const startedAt = performance.now();
    const lost = new AbortController();
    const renewal = setInterval(() => void this.#renew(job, lost), renewMs);
    try {
      const end = await this.#attempt(job, lost.signal);
      if (!(await ledger.endJob(job.jobId, this.#parts.owner, end, now()))) return;
      this.#report(job, end, performance.now() - startedAt);
      if (end.kind !== 'retry') this.#parts.onDeliveries();
    } catch (error) {
      logger.error('job.retried', { ...named(job), attempt: job.attempts, errorCode: codeOf(error), reason: 'ledger' });
      await pause(ledgerPauseMs, this.#stopping.signal);
    } finally {
      clearInterval(renewal);
    }
  }

  async #renew(job: Job, lost: AbortController): Promise<void> {
    const lease = { owner: this.#parts.owner, until: this.#parts.now() + leaseMs };
    const kept = await this.#parts.ledger.extendJob(job.jobId, lease).catch(() => true);
    if (!kept) lost.abort();
  }

  /** One attempt, with every failure turned into its end: defects of ours cost an attempt, never the node. */
  async #attempt(job: Job, lost: AbortSignal): Promise<JobEnd> {
    const { ledger, spool, restorer, logger, config, weights, widenedLimits } = this.#parts;
    const file = weights();
    logger.info('job.started', {
      ...named(job),
      preset: this.#parts.preset,
      weightsDigest: file.digest,
      attempt: job.attempts,
    });
    try {
      const provenance = { ...this.#parts.provenance, claimedAt: job.firstClaimedAt };
      const work = await jobWork({ job, ledger, spool, weights: file, config, widenedLimits, provenance });
      const deadline = AbortSignal.timeout(config.model.seriesDeadlineMs);
      const outcome = await restorer.restore(work, AbortSignal.any([lost, deadline, this.#stopping.signal]));
      return withNote(outcome, job, file);
    } catch (error) {
      return this.#failure(job, error);
    }
  }

  #failure(job: Job, error: unknown): JobEnd {
    if (this.#stopping.signal.aborted)
      return { kind: 'retry', reason: 'the node was stopped', dueAt: this.#parts.now() };
    const reason = `${codeOf(error)}: ${messageOf(error)}`;
    if (job.attempts >= this.#parts.config.model.attempts) return { kind: 'failed', reason };
    return { kind: 'retry', reason, dueAt: this.#parts.now() + firstRetryMs * 2 ** (job.attempts - 1) };
  }

  #report(job: Job, end: JobEnd, durationMs: number): void {
    const { logger } = this.#parts;
    const series = named(job);
    switch (end.kind) {
      case 'restored':
        logger.info('job.done', { ...series, instances: end.derived.length, durationMs: Math.round(durationMs) });
        return;
      case 'gated':
        for (const { measure, value, lower, upper } of end.gate.filter(({ passed }) => !passed)) {
          const limit = (upper !== null && value > upper ? upper : lower) ?? undefined;
          logger.warn('job.gated', { ...series, gateMeasure: measure, value, limit });
        }
        return;
      case 'excluded':
        logger.info('job.excluded', { ...series, reason: end.reasons.join('; ') });
        return;
      case 'retry':
        logger.warn('job.retried', { ...series, attempt: job.attempts, reason: end.reason });
        return;
      case 'failed':
        logger.error('job.failed', { ...series, attempt: job.attempts, reason: end.reason });
    }
  }
}

/** Says in the series' reasons when other weights did the work than those of the decision. */
function withNote(outcome: SeriesOutcome, { weightsDigest }: Job, { digest }: WeightsFile): JobEnd {
  if (outcome.kind !== 'restored' || digest === weightsDigest) return outcome;
  const note = `decided for weights ${weightsDigest.slice(0, 12)}, restored with ${digest.slice(0, 12)}, now in force`;
  return { ...outcome, notes: [...outcome.notes, note] };
}

function named(job: Job) {
  const { jobId, seriesInstanceUid, revision, task } = job;
  return { jobId, seriesInstanceUid, revision, task };
}

function codeOf(error: unknown): string {
  const hasCode = typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
  return hasCode ? String(error.code) : 'PIPELINE_DEFECT';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
