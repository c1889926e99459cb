export type InstanceState = 'stored' | 'routed' | 'removed';

export type SeriesState =
  | 'collecting'
  | 'decided'
  | 'restoring'
  | 'restored'
  | 'gated'
  | 'failed'
  | 'forwarded'
  | 'excluded'
  | 'quarantined';

export type JobState = 'waiting' | 'running' | 'done' | 'failed';

export type DeliveryState = 'waiting' | 'sending' | 'acknowledged' | 'warned' | 'refused' | 'cancelled';
