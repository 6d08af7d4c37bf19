import {
  ClientEvent,
  createClient,
  MemoryStore,
  SyncState,
  type ICreateClientOpts,
  type MatrixClient,
  type MatrixEvent,
} from 'matrix-js-sdk';
import type { GeneratedSecretStorageKey } from 'matrix-js-sdk/lib/crypto-api/index.js';
import type { Logger } from 'matrix-js-sdk/lib/logger.js';

/** Where the scenario runs: Node keeps encryption keys in memory, a browser in IndexedDB. */
export interface Surroundings {
  baseUrl: string;
  useIndexedDB: boolean;
  fetchFn?: typeof globalThis.fetch;
}

/** One device of one user in matrix-js-sdk, with its Rust cryptography. */
export interface SdkSession {
  client: MatrixClient;
  userId: string;
  deviceId: string;
  password: string;
  /** The key of secret storage, once it was made or given. */
  recovery: { key: GeneratedSecretStorageKey | undefined };
}

const patience = 30_000;

/** The SDK's own log tells every request; a failed test says what it waited for. */
const logger: Logger = {
  trace() {},
  debug() {},
  info() {},
  warn() {},
  error() {},
  getChild: () => logger,
};

/** Registers a user, or logs in as one, and starts to sync. */
export async function startSession(
  surroundings: Surroundings,
  localpart: string,
  how: 'register' | 'login',
  recoveryKey?: GeneratedSecretStorageKey,
): Promise<SdkSession> {
  const password = `a password of ${localpart}`;
  const { baseUrl } = surroundings;
  const fetchFn = surroundings.fetchFn ?? globalThis.fetch.bind(globalThis);
  const anonymous = createClient({ baseUrl, fetchFn, logger });
  const account =
    how === 'register'
      ? await anonymous.register(localpart, password, null, { type: 'm.login.dummy' })
      : await anonymous.loginRequest({
          type: 'm.login.password',
          identifier: { type: 'm.id.user', user: localpart },
          password,
        });
  const userId = account.user_id;
  const deviceId = account.device_id!;
  const recovery: SdkSession['recovery'] = { key: recoveryKey };
  const options: ICreateClientOpts = {
    baseUrl,
    fetchFn,
    logger,
    userId,
    deviceId,
    accessToken: account.access_token!,
    store: new MemoryStore(),
    cryptoCallbacks: {
      getSecretStorageKey: async ({ keys }) => {
        const [id] = Object.keys(keys);
        const key = recovery.key?.privateKey as Uint8Array<ArrayBuffer> | undefined;
        return id && key ? [id, key] : null;
      },
    },
  };
  const client = createClient(options);
  await client.initRustCrypto({
    useIndexedDB: surroundings.useIndexedDB,
    cryptoDatabasePrefix: `myelin-test-${userId}-${deviceId}`,
  });
  await client.startClient({ initialSyncLimit: 20 });
  await until(
    client,
    ClientEvent.Sync,
    () => client.getSyncState() === SyncState.Prepared || client.getSyncState() === SyncState.Syncing,
  );
  return { client, userId, deviceId, password, recovery };
}

/** Resolves once `condition` holds; looks at it now and after each of the client's events of that kind. */
export async function until<T>(
  client: MatrixClient,
  event: Parameters<MatrixClient['on']>[0],
  condition: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> {
  const first = await condition();
  if (first) return first;
  return new Promise<T>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      clearInterval(again);
      client.off(event, look);
    };
    const look = (): void => {
      void Promise.resolve(condition()).then((value) => {
        if (!value) return;
        stop();
        resolve(value);
      }, reject);
    };
    const timer = setTimeout(() => {
      stop();
      reject(
        new Error(
          `${client.getUserId()}: ${event} didn't bring what the test waits for in ${patience} ms: ${String(condition)}`,
        ),
      );
    }, patience);
    // Some of the SDK's work shows in no event.
    const again = setInterval(look, 250);
    client.on(event, look);
  });
}

/** Waits until the text stands in the room, decrypted, and returns its event. */
export async function untilText(client: MatrixClient, roomId: string, text: string): Promise<MatrixEvent> {
  const find = (): MatrixEvent | undefined =>
    client
      .getRoom(roomId)
      ?.getLiveTimeline()
      .getEvents()
      .find((event) => event.getContent()['body'] === text);
  // An event is decrypted after it arrives: both moments are looked at.
  const arrived = until(client, 'Room.timeline' as never, find);
  const decrypted = until(client, 'Event.decrypted' as never, find);
  const found = await Promise.any([arrived, decrypted]);
  void Promise.allSettled([arrived, decrypted]);
  return found;
}
