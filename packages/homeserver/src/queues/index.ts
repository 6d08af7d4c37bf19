export { KeyedSlots } from './keyed-slots.ts';
export { Slots } from './slots.ts';
