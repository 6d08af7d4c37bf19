import { randomUUID } from 'node:crypto';
import type { JsonObject } from '@myelin/protocol';
import { base, nobody, stranger, type HostileCall, type HostileKind, type HostileStage } from './hostile-kind.ts';

/** Requests of servers that are all different. `isThere`: they have keys, and the requests are rightly signed. */
function fromMany(
  make: (stage: HostileStage, serial: number, origin: string) => HostileCall,
  isThere = true,
): HostileKind {
  return (stage, serials) =>
    Promise.all(
      serials.map((serial) => {
        const { many, world } = stage;
        const origin = isThere ? many.nameOf(serial) : `s${serial}.nowhere.test`;
        const { method = 'GET', path, body } = make(stage, serial, origin);
        const authorization = many.authorization(origin, world.server.serverName, method, path, body);
        const text = body === undefined ? {} : { text: JSON.stringify(body) };
        return world.caller.call({ method, target: path, headers: { authorization }, ...text });
      }),
    );
}

const transaction = (origin: string, edu_type: string, content: JsonObject): HostileCall => ({
  method: 'PUT',
  path: `${base}/send/${randomUUID()}`,
  body: { origin, origin_server_ts: 1, pdus: [], edus: [{ edu_type, content }] },
});

const aboutKeys =
  (nameOf: (stage: HostileStage, serial: number) => string): HostileKind =>
  (stage, serials) => {
    const names = serials.map((serial) => [nameOf(stage, serial), {}]);
    const body = { server_keys: Object.fromEntries(names) };
    return stage.world.server.client({ unrecorded: true }).raw('POST', '/_matrix/key/v2/query', { body });
  };

const question = (stage: HostileStage, serial: number): HostileCall => ({
  path: `${base}/query/profile?user_id=${encodeURIComponent(stranger(stage, serial))}`,
});

/** What servers without number do, and what is done in the names of such. */
export const hostileServers: Readonly<Record<string, HostileKind>> = {
  'requests in the names of servers that there are not': fromMany(question, false),
  'requests of many servers': fromMany(question),
  'presences from many servers': fromMany((_stage, serial, origin) =>
    transaction(origin, 'm.presence', { push: [{ user_id: `@n${serial}:${origin}`, presence: 'online' }] }),
  ),
  'messages from many servers to users that there are not': fromMany((stage, serial, origin) =>
    transaction(origin, 'm.direct_to_device', {
      sender: `@n:${origin}`,
      type: 'm.dummy',
      message_id: 'm',
      messages: { [nobody(stage, serial)]: { '*': {} } },
    }),
  ),
  'messages from many servers to devices that there are not': fromMany((stage, serial, origin) =>
    transaction(origin, 'm.direct_to_device', {
      sender: `@n:${origin}`,
      type: 'm.dummy',
      message_id: 'm',
      messages: { [stage.situation.alice.userId as string]: { [`N${serial}`]: {} } },
    }),
  ),
  'questions for keys of servers that there are not': aboutKeys((_stage, serial) => `s${serial}.nowhere.test`),
  'questions for keys of many servers': aboutKeys(({ many }, serial) => many.nameOf(serial)),
};
