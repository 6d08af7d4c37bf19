import type { federation } from '@myelin/api';
import type { Handler } from '../../../http/index.ts';
import type { Notary } from '../notary.ts';

export function perspectivesKeyQueryHandler(notary: Notary): Handler<typeof federation.perspectivesKeyQuery> {
  return async ({ params, query }) => {
    const until = query.minimum_valid_until_ts;
    const criteria = new Map(params.keyId === undefined ? [] : [[params.keyId, until]]);
    return { server_keys: (await notary.query(new Map([[params.serverName, criteria]]))) as never };
  };
}
