export { FairSlots, type Turn } from './fair-slots.ts';
export { KeyedSlots } from './keyed-slots.ts';
export { Slots } from './slots.ts';
