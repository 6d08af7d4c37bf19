import { MatrixError, type federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import { mostServersAsked, type Notary } from '../notary.ts';

/** Keys of one server that one question may be about. */
const mostKeysAsked = 100;

export function bulkPerspectivesKeyQueryHandler(notary: Notary): Handler<typeof federation.bulkPerspectivesKeyQuery> {
  return async ({ body }) => {
    const servers = Object.entries(body.server_keys);
    if (servers.length > mostServersAsked) throw new MatrixError('M_TOO_LARGE', 'That are too many servers at once');
    const question = new Map(
      servers.map(([server, keys]) => {
        const asked = Object.entries(keys).slice(0, mostKeysAsked);
        return [server, new Map(asked.map(([keyId, criteria]) => [keyId, criteria.minimum_valid_until_ts]))];
      }),
    );
    return { server_keys: (await notary.query(question)) as never };
  };
}
