import type { JsonObject } from '../json/value.ts';
import { roomVersion, type RoomVersion } from '../room-versions.ts';

/** One test vector: what was put in and what Synapse answered. */
export interface Vector {
  readonly id: string;
  /** A room version, a range of them (`1-5`), or `*`. */
  readonly room_version: string;
  readonly input: JsonObject;
  readonly expect: JsonObject;
  readonly tag?: string;
  /** Set where the specification is known to say otherwise than Synapse: how. */
  readonly spec_differs?: string;
}

/** A kind of vectors and how to answer them. */
export interface Category {
  /** As the ids and files begin: `canonical-json`. */
  readonly name: string;
  /**
   * Our answer, in the shape of `expect`. Only the members that it has are compared: leave out what is for information
   * (`reason`). Throwing counts as a disagreement.
   */
  answer(vector: Vector): JsonObject;
  /** What verdicts may need to know beyond the vector, at the paths `facts.…`; asked only where we disagree. */
  facts?(vector: Vector, answer: JsonObject): JsonObject;
}

export function versionOf(vector: Vector): RoomVersion {
  const version = roomVersion(vector.room_version);
  if (!version) throw new Error(`unknown room version ${vector.room_version}`);
  return version;
}
