export { Names } from './names.ts';
export { namesMigrations } from './migrations.ts';
export {
  memberKey,
  memberOfKey,
  type DeviceNid,
  type EventNid,
  type RoomNid,
  type StateKeyNid,
  type TypeNid,
  type UserNid,
} from '../../nids.ts';
