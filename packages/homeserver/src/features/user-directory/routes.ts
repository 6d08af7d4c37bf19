import { searchUserDirectory } from '@myelin/api';
import { route, type RateLimiter, type Route } from '../../http/index.ts';
import { searchUserDirectoryHandler } from './handlers/search-user-directory.ts';
import type { UserDirectory } from './user-directory.ts';

/** `limiter`: `rc_user_directory`. */
export function userDirectoryRoutes(directory: UserDirectory, limiter: RateLimiter): Route[] {
  return [route(searchUserDirectory, searchUserDirectoryHandler(directory, limiter))];
}
