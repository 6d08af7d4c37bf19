import type { Mapping, Values } from './values.ts';

/** Refuses what can't be started with and says what is unknown, deprecated or not served yet. */
export function checkOptions(mapping: Mapping, values: Values, _notice: (sentence: string) => void): void {
  if (!('server_name' in mapping))
    throw values.fail('server_name', 'is missing: the name of this server, as in @user:NAME');
  if (!('report_stats' in mapping))
    throw values.fail('report_stats', 'is missing: say `report_stats: false` or `report_stats: true`');
}
