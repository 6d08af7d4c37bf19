import { Type } from 'typebox';
import { count, oneOf } from '../../shared.ts';
import { clientEvent } from './events.ts';

/** The longer name of `recurse` is from before it was in the specification. */
export const relationsQuery = Type.Object({
  from: Type.Optional(Type.String()),
  to: Type.Optional(Type.String()),
  limit: Type.Optional(count),
  dir: Type.Optional(oneOf(['b', 'f'])),
  recurse: Type.Optional(Type.Boolean()),
  'org.matrix.msc3981.recurse': Type.Optional(Type.Boolean()),
});

export const relationsPage = Type.Object({
  chunk: Type.Array(clientEvent),
  next_batch: Type.Optional(Type.String()),
  prev_batch: Type.Optional(Type.String()),
  recursion_depth: Type.Optional(count),
});
