import { Type } from 'typebox';
import { count } from '../../shared.ts';

/** Sizes in pixels; `method` is `crop` or `scale`, and what isn't known counts as `scale`. */
export const thumbnailQuery = Type.Object({
  width: count,
  height: count,
  method: Type.Optional(Type.String()),
  animated: Type.Optional(Type.Boolean()),
  timeout_ms: Type.Optional(count),
});
