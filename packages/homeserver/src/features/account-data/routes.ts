import {
  deleteAccountData,
  deleteAccountDataPerRoom,
  deleteRoomTag,
  getAccountData,
  getAccountDataPerRoom,
  getRoomTags,
  setAccountData,
  setAccountDataPerRoom,
  setRoomTag,
} from '@myelin/api';
import { route, type Route } from '../../http/index.ts';
import type { Names } from '../names/index.ts';
import type { AccountData } from './account-data.ts';
import { deleteAccountDataPerRoomHandler } from './handlers/delete-account-data-per-room.ts';
import { deleteAccountDataHandler } from './handlers/delete-account-data.ts';
import { deleteRoomTagHandler } from './handlers/delete-room-tag.ts';
import { getAccountDataPerRoomHandler } from './handlers/get-account-data-per-room.ts';
import { getAccountDataHandler } from './handlers/get-account-data.ts';
import { getRoomTagsHandler } from './handlers/get-room-tags.ts';
import { setAccountDataPerRoomHandler } from './handlers/set-account-data-per-room.ts';
import { setAccountDataHandler } from './handlers/set-account-data.ts';
import { setRoomTagHandler } from './handlers/set-room-tag.ts';
import type { Tags } from './tags.ts';

/** `withDelete`: `experimental_features.msc3391_enabled`. */
export function accountDataRoutes(accountData: AccountData, tags: Tags, names: Names, withDelete: boolean): Route[] {
  return [
    route(getAccountData, getAccountDataHandler(accountData)),
    route(setAccountData, setAccountDataHandler(accountData)),
    route(getAccountDataPerRoom, getAccountDataPerRoomHandler(accountData, names)),
    route(setAccountDataPerRoom, setAccountDataPerRoomHandler(accountData)),
    route(getRoomTags, getRoomTagsHandler(tags)),
    route(setRoomTag, setRoomTagHandler(tags)),
    route(deleteRoomTag, deleteRoomTagHandler(tags)),
    ...(withDelete
      ? [
          route(deleteAccountData, deleteAccountDataHandler(accountData)),
          route(deleteAccountDataPerRoom, deleteAccountDataPerRoomHandler(accountData)),
        ]
      : []),
  ];
}
