export {
  crossSigningKey,
  crossSigningKeysOf,
  curveKey,
  deviceKey,
  deviceKeysOf,
  oneTimeKeysOf,
  publicPart,
  type CrossSigningKeys,
  type KeyOwner,
} from './builders/device-keys.ts';
export { CallRecorder, type RecordedCall } from './client/call-recorder.ts';
export {
  HttpClient,
  type CallRequest,
  type Expectation,
  type HttpClientOptions,
  type Json,
  type ReceivedAnswer,
} from './client/http-client.ts';
export type { Callee, QueryValue } from './client/target.ts';
export {
  defaultPassword,
  TestClient,
  timelineOf,
  type CreateRoomOptions,
  type SyncOptions,
  type TestClientOptions,
  type UntilOptions,
} from './client/test-client.ts';
export {
  apis,
  Specification,
  type Api,
  type CheckedAnswer,
  type JsonSchema,
  type Operation,
} from './specification/index.ts';
export { describeServers, type StartServer } from './server/describe-servers.ts';
export { shiftableRuntime, type ShiftableRuntime } from './server/shiftable-runtime.ts';
export { createTestPostgres, testPostgresUrl, type TestPostgres } from './server/test-postgres.ts';
export { startTestServer, type TestServer, type TestServerOptions } from './server/test-server.ts';
export {
  expiredCertificate,
  otherNameCertificate,
  serverCertificate,
  testAuthority,
  type TestCertificate,
} from './federation/certificates.ts';
export { describeFederations, type StartFederation } from './federation/describe-federations.ts';
export { PeerRoom } from './federation/peer-room.ts';
export { PeerRooms, type SignedPeerEvent } from './federation/peer-rooms.ts';
export { startFederation, type FederationOptions } from './federation/start-federation.ts';
export {
  TestPeer,
  type PeerAnswer,
  type PeerHandler,
  type PeerOptions,
  type PeerRequest,
  type PeerResponse,
  type SignedRequestOptions,
} from './federation/test-peer.ts';
