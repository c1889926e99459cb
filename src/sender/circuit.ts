import type { DestinationName, Ledger } from '../ledger/ledger.ts';
import type { Logger } from '../observe/logger.ts';
import { type SenderSettings, waitOf } from './attempt.ts';
import {
  afterFailure,
  afterProbe,
  type CircuitSettings,
  type CircuitState,
  closedCircuit,
  formatCircuit,
  parseCircuit,
  whatNext,
} from './circuit-state.ts';
import type { SenderError } from './errors.ts';

interface CircuitParts {
  readonly ledger: Pick<Ledger, 'setting' | 'setSetting'>;
  readonly settings: SenderSettings;
  readonly logger: Logger;
  readonly now: () => number;
  readonly random: () => number;
}

/** Name of the setting in which the ledger keeps a destination's `CircuitState`. */
function circuitSetting(destination: DestinationName): string {
  return `circuit.${destination}`;
}

/** One destination's circuit, as the ledger has it: another process can read it, and a restart goes on with it. */
export class Circuit {
  readonly #name: DestinationName;
  readonly #parts: CircuitParts;
  readonly #settings: CircuitSettings;
  #state: CircuitState | undefined;

  constructor(name: DestinationName, parts: CircuitParts) {
    this.#name = name;
    this.#parts = parts;
    const { backoffFirstMs, backoffMaxMs, rejectedRetryMs, circuitFailures } = parts.settings;
    const longestMs = Math.max(backoffMaxMs, rejectedRetryMs);
    this.#settings = { backoff: { firstMs: backoffFirstMs, maxMs: backoffMaxMs }, longestMs, circuitFailures };
  }

  async whatNext(): Promise<'wait' | 'probe' | 'send'> {
    return whatNext(await this.#load(), this.#settings, this.#parts.now());
  }

  /** An association failed without bringing anything; resolves to the moment of the next attempt. */
  async failed(error: SenderError): Promise<number> {
    const { now, random, logger, settings } = this.#parts;
    const failure = { reason: error.reason, waitMs: waitOf(error, settings) };
    const state = afterFailure(await this.#load(), failure, this.#settings, { now: now(), random });
    await this.#save(state);
    logger.warn('destination.unreachable', {
      destination: this.#name,
      errorCode: error.code,
      reason: error.reason,
      attempt: state.failures,
      durationMs: state.nextAt - now(),
    });
    return state.nextAt;
  }

  async probed(): Promise<void> {
    await this.#save(afterProbe(await this.#load()));
  }

  /** The destination answered for an object. */
  async succeeded(): Promise<void> {
    if ((await this.#load()).failures === 0) return;
    await this.#save(closedCircuit);
    this.#parts.logger.info('destination.reached', { destination: this.#name });
  }

  async #load(): Promise<CircuitState> {
    this.#state ??= parseCircuit(await this.#parts.ledger.setting(circuitSetting(this.#name)));
    return this.#state;
  }

  async #save(state: CircuitState): Promise<void> {
    await this.#parts.ledger.setSetting(circuitSetting(this.#name), formatCircuit(state));
    this.#state = state;
  }
}
