/** Numbers that stand for names inside tables and caches. Branded, so that one kind can't be taken for another. */
export type UserNid = number & { readonly nidOf: 'user' };
export type RoomNid = number & { readonly nidOf: 'room' };
export type EventNid = number & { readonly nidOf: 'event' };
export type TypeNid = number & { readonly nidOf: 'type' };
export type DeviceNid = number & { readonly nidOf: 'device' };

/**
 * Stands for a (type, state_key) pair. Even numbers are m.room.member entries (twice the number of the user whose id is
 * the state key), odd ones come from the table of state keys: so members need no rows of their own.
 */
export type StateKeyNid = number & { readonly nidOf: 'state-key' };

export function memberKey(user: UserNid): StateKeyNid {
  return (user * 2) as StateKeyNid;
}

/** The user whose membership a key stands for, or undefined for other state. */
export function memberOfKey(key: StateKeyNid): UserNid | undefined {
  return key % 2 === 0 ? ((key / 2) as UserNid) : undefined;
}
