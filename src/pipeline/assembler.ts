import type { Config } from '../config/schema.ts';
import type { DataSet } from '../dicom/data-set.ts';
import {
  type CollectingSeries,
  type DestinationName,
  destinationNameOf,
  type InstanceRow,
  type Ledger,
} from '../ledger/ledger.ts';
import type { Logger } from '../observe/logger.ts';
import { forwardOnArrival } from '../router/decide.ts';
import type { RuleSet } from '../router/rules.ts';
import { type ReceivedInstance, SeriesSummariser, summariseInstance } from '../router/summarise.ts';
import type { SeriesSummary } from '../router/summary.ts';
import type { Spool } from '../spool/spool.ts';
import { completeness } from './completeness.ts';
import { HeaderEvidenceReader } from './header-evidence.ts';
import { readHeader } from './read-header.ts';
import { verdictOf, type WeightsInForce } from './verdict.ts';

export interface AssemblerParts {
  readonly ledger: Ledger;
  readonly spool: Spool;
  readonly times: Config['assembler'];
  /** The rules in force now: a reload swaps them between two decisions. */
  readonly rules: () => RuleSet;
  readonly weights: WeightsInForce;
  readonly logger: Logger;
  readonly now: () => number;
  /** Deliveries, or a job, were written. */
  readonly onWork: () => void;
}

const arrivalsAtOnce = 200;
const longestSleepMs = 60_000;
const retryMs = 5_000;

type Route = Parameters<Ledger['routeInstances']>[0][number];

/**
 * Turns stored instances into decided series: instance rules on arrival, then, once a series is complete, its one
 * decision (architecture.md, steps 2 and 3). All state is in the ledger; waking it twice does nothing twice.
 */
export class Assembler {
  readonly #parts: AssemblerParts;
  readonly #evidence: HeaderEvidenceReader;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #failures = 0;
  #stopped = false;

  constructor(parts: AssemblerParts) {
    this.#parts = parts;
    this.#evidence = new HeaderEvidenceReader(parts.ledger, parts.spool);
  }

  start(): void {
    this.wake();
  }

  /** Looks now; cheap to call at every stored instance and every release. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#again) this.wake();
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#again = false;
    clearTimeout(this.#timer);
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      clearTimeout(this.#timer);
      this.#failures = 0;
      let lookAgainAt = this.#parts.now() + longestSleepMs;
      await this.#contained(async () => {
        await this.#routeArrivals();
        lookAgainAt = Math.min(lookAgainAt, await this.#closeSeries());
      });
      if (this.#failures > 0) lookAgainAt = Math.min(lookAgainAt, this.#parts.now() + retryMs);
      this.#timer = setTimeout(() => this.wake(), Math.max(1, lookAgainAt - this.#parts.now()));
      this.#timer.unref();
    }
  }

  async #routeArrivals(): Promise<void> {
    const { ledger, rules, now, onWork } = this.#parts;
    for (;;) {
      const arrivals = await ledger.unroutedInstances(arrivalsAtOnce);
      const set = rules();
      const routes: Route[] = [];
      for (const row of arrivals) {
        const destinations = await this.#contained(() => this.#destinationsOnArrival(row, set));
        if (destinations !== undefined) routes.push({ sopInstanceUid: row.sopInstanceUid, destinations });
      }
      if (routes.length === 0) return;
      await ledger.routeInstances(routes, now());
      if (routes.some(({ destinations }) => destinations.length > 0)) onWork();
    }
  }

  async #destinationsOnArrival(row: InstanceRow, set: RuleSet): Promise<readonly DestinationName[]> {
    if (set.onArrival.length === 0) return [];
    const forwardings = forwardOnArrival(summariseInstance(await this.#read(row)), set);
    return [...new Set(forwardings.flatMap(({ originals }) => originals))].map(destinationNameOf);
  }

  /** A file that can't be read holds up itself alone: it is told, and looked at again a little later. */
  async #contained<T>(step: () => Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      this.#failures += 1;
      this.#parts.logger.error('assembler.failed', { errorCode: codeOf(error), reason: messageOf(error) });
      return undefined;
    }
  }

  /** Decides every complete series; resolves to the next moment at which another may be. */
  async #closeSeries(): Promise<number> {
    const { ledger, times, now } = this.#parts;
    let lookAgainAt = Number.POSITIVE_INFINITY;
    for (const series of await ledger.collectingSeries()) {
      if (this.#stopped) break;
      await this.#contained(async () => {
        const state = await completeness(series, times, now(), () => this.#evidence.of(series));
        if (state.kind === 'wait') lookAgainAt = Math.min(lookAgainAt, state.lookAgainAt);
        else await this.#decide(series, state.by);
      });
    }
    return lookAgainAt;
  }

  async #decide(series: CollectingSeries, completedBy: string): Promise<void> {
    const { ledger, rules, weights, logger, now, onWork } = this.#parts;
    const rows = await ledger.seriesInstances(series.seriesInstanceUid);
    const summary = await this.#summarise(rows);
    const verdict = verdictOf({ summary, rules: rules(), weights, completedBy, decidedAt: now() });
    if (!(await ledger.decideSeries(series, rows.length, verdict))) {
      this.#again = true;
      return;
    }
    this.#evidence.forget(series);
    logger.info('series.decided', {
      seriesInstanceUid: series.seriesInstanceUid,
      studyInstanceUid: series.studyInstanceUid,
      revision: series.revision,
      modality: series.modality,
      instances: rows.length,
      rule: verdict.rule,
      decision: verdict.state,
      task: verdict.task ?? undefined,
      reason: verdict.reasons.at(-1),
    });
    onWork();
  }

  async #summarise(rows: readonly InstanceRow[]): Promise<SeriesSummary> {
    const summariser = new SeriesSummariser();
    for (const row of rows) summariser.add(await this.#read(row));
    return summariser.summary();
  }

  async #read(row: InstanceRow): Promise<ReceivedInstance> {
    const { ledger, spool } = this.#parts;
    const file = { ...row, path: spool.path('instance', row.digest) };
    const dataSet: DataSet = await readHeader(file);
    return {
      dataSet,
      dataSetBytes: row.sizeBytes - row.dataSetOffsetBytes,
      callingAeTitle: row.callingAeTitle,
      calledAeTitle: row.calledAeTitle,
      isDerived: (await ledger.findDerived(row.sopInstanceUid)) !== undefined,
    };
  }
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
