import { Type } from 'typebox';
import { count, nullable } from '../../shared.ts';

/** `last_seen_ts` in milliseconds. */
export const device = Type.Object({
  device_id: Type.String(),
  display_name: Type.Optional(nullable(Type.String())),
  last_seen_ip: Type.Optional(nullable(Type.String())),
  last_seen_ts: Type.Optional(nullable(count)),
});
