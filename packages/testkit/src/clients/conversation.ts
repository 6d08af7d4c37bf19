import { ClientEvent, ClientPrefix, EventType, KnownMembership, Method, MsgType, Preset } from 'matrix-js-sdk';
import { CryptoEvent } from 'matrix-js-sdk/lib/crypto-api/index.js';
import { verifyPeople } from './verify-people.ts';
import { startSession, until, untilText, type SdkSession, type Surroundings } from './sdk-session.ts';

/** What two people and their devices saw. */
export interface ConversationFacts {
  bobRead: string;
  aliceRead: string;
  /** The events as the server has them. */
  wireTypes: string[];
  aliceDeviceSignedByOwner: boolean;
  bobDeviceSignedByOwner: boolean;
  /** What alice and bob were shown when they verified each other. */
  emoji: [string, string];
  backedUp: number;
  restored: number;
  newDeviceRead: string[];
  newDeviceSignedByOwner: boolean;
}

/**
 * Two users with matrix-js-sdk and its Rust cryptography: both set up cross-signing, talk in an encrypted room both
 * ways; one backs her keys up, logs in on a new device, restores them and reads what was said before.
 */
export async function runConversation(
  surroundings: Surroundings,
  run: string,
  /** Bob's server, if it is another. */
  others: Surroundings = surroundings,
): Promise<ConversationFacts> {
  const alice = await startSession(surroundings, `alice-${run}`, 'register');
  const bob = await startSession(others, `bob-${run}`, 'register');
  const sessions = [alice, bob];
  try {
    await setUpCrossSigning(alice);
    await setUpCrossSigning(bob);
    await setUpBackup(alice);

    const roomId = await openEncryptedRoom(alice, bob);
    await sendText(alice, roomId, 'Hello Bob');
    const atBob = await untilText(bob.client, roomId, 'Hello Bob');
    await sendText(bob, roomId, 'Hello Alice');
    const atAlice = await untilText(alice.client, roomId, 'Hello Alice');

    const emoji = await verifyPeople(alice, bob, roomId);

    const backedUp = await untilBackedUp(alice);
    const laptop = await startSession(surroundings, `alice-${run}`, 'login', alice.recovery.key);
    sessions.push(laptop);
    const crypto = laptop.client.getCrypto()!;
    // The keys can be imported once the identity that they belong to is known.
    await crypto.userHasCrossSigningKeys(alice.userId, true);
    await crypto.bootstrapCrossSigning({});
    await crypto.loadSessionBackupPrivateKeyFromSecretStorage();
    const restored = await crypto.restoreKeyBackup();
    await untilText(laptop.client, roomId, 'Hello Bob');
    await untilText(laptop.client, roomId, 'Hello Alice');

    return {
      bobRead: atBob.getContent()['body'] as string,
      aliceRead: atAlice.getContent()['body'] as string,
      wireTypes: [atBob.getWireType(), atAlice.getWireType()],
      aliceDeviceSignedByOwner: await signedByOwner(bob, alice),
      bobDeviceSignedByOwner: await signedByOwner(alice, bob),
      emoji,
      backedUp,
      restored: restored.imported,
      newDeviceRead: ['Hello Bob', 'Hello Alice'],
      newDeviceSignedByOwner: await signedByOwner(bob, laptop),
    };
  } finally {
    for (const { client } of sessions) client.stopClient();
  }
}

async function setUpCrossSigning({ client, userId, password }: SdkSession): Promise<void> {
  await client.getCrypto()!.bootstrapCrossSigning({
    setupNewCrossSigning: true,
    authUploadDeviceSigningKeys: async (makeRequest) => {
      try {
        await makeRequest(null);
      } catch (error) {
        const session = (error as { data?: { session?: string } }).data?.session;
        const identifier = { type: 'm.id.user', user: userId };
        await makeRequest({ type: 'm.login.password', identifier, password, ...(session ? { session } : {}) } as never);
      }
    },
  });
}

async function setUpBackup({ client, recovery }: SdkSession): Promise<void> {
  const crypto = client.getCrypto()!;
  await crypto.bootstrapSecretStorage({
    setupNewSecretStorage: true,
    setupNewKeyBackup: true,
    createSecretStorageKey: async () => {
      recovery.key = await crypto.createRecoveryKeyFromPassphrase();
      return recovery.key;
    },
  });
  await crypto.checkKeyBackupAndEnable();
}

/** A room of both in which their clients encrypt; of the server's default version if none is given. */
export async function openEncryptedRoom(alice: SdkSession, bob: SdkSession, version?: string): Promise<string> {
  const { room_id: roomId } = await alice.client.createRoom({
    preset: Preset.PrivateChat,
    invite: [bob.userId],
    name: 'A quiet place',
    ...(version === undefined ? {} : { room_version: version }),
    initial_state: [{ type: EventType.RoomEncryption, state_key: '', content: { algorithm: 'm.megolm.v1.aes-sha2' } }],
  });
  await until(
    bob.client,
    ClientEvent.Room,
    () => bob.client.getRoom(roomId)?.getMyMembership() === KnownMembership.Invite,
  );
  await bob.client.joinRoom(roomId, { viaServers: [serverOf(alice.userId)] });
  await until(alice.client, 'RoomState.members' as never, () => {
    const member = alice.client.getRoom(roomId)?.getMember(bob.userId);
    return member?.membership === KnownMembership.Join;
  });
  for (const { client } of [alice, bob]) {
    await until(client, 'RoomState.events' as never, () => client.getCrypto()!.isEncryptionEnabledInRoom(roomId));
  }
  return roomId;
}

function serverOf(userId: string): string {
  return userId.slice(userId.indexOf(':') + 1);
}

export async function sendText({ client }: SdkSession, roomId: string, body: string): Promise<void> {
  await client.sendMessage(roomId, { msgtype: MsgType.Text, body });
}

/** Waits until every room key is in the backup and returns how many the server has. */
async function untilBackedUp({ client }: SdkSession): Promise<number> {
  return until(client, CryptoEvent.KeyBackupSessionsRemaining as never, async () => {
    // The SDK's own figure is the one from when the backup was made.
    const options = { prefix: ClientPrefix.V3, priority: 'auto' as const };
    const info = await client.http.authedRequest<{ count: number }>(
      Method.Get,
      '/room_keys/version',
      {},
      undefined,
      options,
    );
    return info.count >= 2 && info.count;
  });
}

async function signedByOwner(viewer: SdkSession, owner: SdkSession): Promise<boolean> {
  const crypto = viewer.client.getCrypto()!;
  const look = async (): Promise<true | undefined> => {
    await crypto.getUserDeviceInfo([owner.userId], true);
    const status = await crypto.getDeviceVerificationStatus(owner.userId, owner.deviceId);
    return status?.signedByOwner ? true : undefined;
  };
  return until(viewer.client, CryptoEvent.DevicesUpdated as never, look);
}
