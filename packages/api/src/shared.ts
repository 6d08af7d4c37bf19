import { Type, type Static, type TObject, type TSchema, type TUnsafe } from 'typebox';

/** No parameters, no query. */
export const nothing = Type.Object({});

/** An answer or body that is an empty object. Further members are let through: clients send them. */
export const emptyObject = Type.Object({});

/** Any JSON object. */
export const jsonObject = Type.Unsafe<Record<string, unknown>>({ type: 'object' });

/**
 * A JSON object whose members all have one type. Unlike `Type.Record` it holds for every key: a pattern such as `^.*$`
 * passes over keys with line breaks.
 */
export function mapOf<Value extends TSchema>(value: Value): TUnsafe<Record<string, Static<Value>>> {
  return Type.Unsafe<Record<string, Static<Value>>>({ type: 'object', additionalProperties: value });
}

/** A string out of some. */
export function oneOf<const Values extends readonly string[]>(values: Values): TUnsafe<Values[number]> {
  return Type.Unsafe<Values[number]>({ type: 'string', enum: [...values] });
}

/** What clients also send as `null` when they mean that it is absent. For schemas of one type. */
export function nullable<Value extends TSchema>(value: Value): TUnsafe<Static<Value> | null> {
  const { type, enum: values, ...rest } = value as { type?: string; enum?: unknown[] };
  return Type.Unsafe<Static<Value> | null>({
    ...rest,
    type: [type, 'null'],
    ...(values && { enum: [...values, null] }),
  });
}

/** The object's members with their types, and whatever else the sender put beside them, which is kept. */
export function withMore<Known extends TObject>(object: Known): TUnsafe<Static<Known> & Record<string, unknown>> {
  return Type.Unsafe<Static<Known> & Record<string, unknown>>(object);
}

/** An integer that canonical JSON can hold. Appendices, Canonical JSON. */
export const integer = Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER });

/** An integer that isn't negative: limits, timeouts and times in milliseconds, indexes. */
export const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** Bytes: for bodies that hold many events, keys or messages; as much as Synapse takes (200 events of 64 KiB). */
export const largeBody = 200 * 65_536;
