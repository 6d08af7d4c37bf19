import type { searchUserDirectory } from '@myelin/api';
import type { Handler, RateLimiter } from '../../../http/index.ts';
import type { UserDirectory } from '../user-directory.ts';

export function searchUserDirectoryHandler(
  directory: UserDirectory,
  limiter: RateLimiter,
): Handler<typeof searchUserDirectory> {
  return async ({ body, requester }) => {
    if (!requester.isExemptFromLimits) limiter.check(requester.user);
    const { limited, results } = await directory.search(requester.user, body.search_term, body.limit ?? 10);
    return {
      limited,
      results: results.map(({ userId, displayName, avatarUrl }) => ({
        user_id: userId,
        ...(displayName === undefined ? {} : { display_name: displayName }),
        ...(avatarUrl === undefined ? {} : { avatar_url: avatarUrl }),
      })),
    };
  };
}
