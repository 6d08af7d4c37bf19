export { UpgradedRooms } from './upgraded-rooms.ts';
