import { Type, type TObject, type TProperties, type TSchema } from 'typebox';

/** No parameters, no query. */
export const nothing = Type.Object({});

/** An answer or body that is an empty object. Further members are let through: clients send them. */
export const emptyObject = Type.Object({});

/** Any JSON object. */
export const jsonObject = Type.Record(Type.String(), Type.Unknown());

/** A string out of some. */
export function oneOf<const Values extends readonly string[]>(values: Values): TSchema & { static: Values[number] } {
  return Type.Enum(values as unknown as string[]) as unknown as TSchema & { static: Values[number] };
}

/** All members optional. */
export function partial<P extends TProperties>(properties: P): ReturnType<typeof Type.Partial<TObject<P>>> {
  return Type.Partial(Type.Object(properties));
}
