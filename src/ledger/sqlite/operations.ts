import type { Ledger } from '../ledger.ts';
import type { Database } from './database.ts';
import * as deliveries from './deliveries.ts';
import * as instances from './instances.ts';
import * as jobs from './jobs.ts';
import * as retention from './retention.ts';
import * as series from './series.ts';
import * as settings from './settings.ts';
import * as sums from './sums.ts';

export type OperationName = Exclude<keyof Ledger, 'close'>;
export type Arguments = { readonly [M in OperationName]: Parameters<Ledger[M]> };
export type Results = { readonly [M in OperationName]: Awaited<ReturnType<Ledger[M]>> };

type Access = 'read' | 'write';
type Operation<M extends OperationName> = (db: Database, ...args: Arguments[M]) => Results[M];
type Operations = { readonly [M in OperationName]: { readonly access: Access; readonly run: Operation<M> } };

/** Each method of `Ledger` as it runs in the ledger's thread, inside a transaction that others may share. */
export const operations: Operations = {
  recordInstance: { access: 'write', run: instances.recordInstance },
  associationReleased: { access: 'write', run: instances.associationReleased },
  findInstance: { access: 'read', run: instances.findInstance },
  unroutedInstances: { access: 'read', run: instances.unroutedInstances },
  routeInstances: { access: 'write', run: instances.routeInstances },
  collectingSeries: { access: 'read', run: series.collectingSeries },
  seriesInstances: { access: 'read', run: instances.seriesInstances },
  decideSeries: { access: 'write', run: series.decideSeries },
  claimJob: { access: 'write', run: jobs.claimJob },
  extendJob: { access: 'write', run: jobs.extendJob },
  abandonLeases: { access: 'write', run: jobs.abandonLeases },
  endJob: { access: 'write', run: jobs.endJob },
  findDerived: { access: 'read', run: jobs.findDerived },
  derivedOfSeries: { access: 'read', run: jobs.derivedOfSeries },
  adoptDerived: { access: 'write', run: jobs.adoptDerived },
  claimDeliveries: { access: 'write', run: deliveries.claimDeliveries },
  extendDeliveries: { access: 'write', run: deliveries.extendDeliveries },
  endDeliveries: { access: 'write', run: deliveries.endDeliveries },
  releaseDeliveries: { access: 'write', run: deliveries.releaseDeliveries },
  destinationsWithWork: { access: 'read', run: deliveries.destinationsWithWork },
  retryDeliveries: { access: 'write', run: deliveries.retryDeliveries },
  cancelDeliveries: { access: 'write', run: deliveries.cancelDeliveries },
  removable: { access: 'read', run: retention.removable },
  markRemoved: { access: 'write', run: retention.markRemoved },
  sums: { access: 'read', run: sums.sums },
  stories: { access: 'read', run: sums.stories },
  setting: { access: 'read', run: settings.setting },
  setSetting: { access: 'write', run: settings.setSetting },
  audit: { access: 'write', run: settings.audit },
  instancesSinceCleanMark: { access: 'read', run: instances.instancesSinceCleanMark },
  forgetInstance: { access: 'write', run: instances.forgetInstance },
  markClean: { access: 'write', run: instances.markClean },
  unknownDigests: { access: 'read', run: instances.unknownDigests },
};

export function runOperation<M extends OperationName>(db: Database, method: M, args: Arguments[M]): Results[M] {
  const operation: Operation<M> = operations[method].run;
  return operation(db, ...args);
}
