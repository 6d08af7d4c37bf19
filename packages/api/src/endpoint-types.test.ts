import { expectTypeOf, test } from 'vitest';
import { allEndpoints } from './all-endpoints.ts';
import type { BodyOf, Endpoint, ParamsOf, QueryOf, ResponseOf } from './endpoint.ts';
import * as api from './index.ts';

// Checked by the compiler; at run time these tests only show that the values are there.
test('parameters', () => {
  expectTypeOf<ParamsOf<typeof api.getRoomEvents>>().toEqualTypeOf<{ roomId: string }>();
  expectTypeOf<ParamsOf<typeof api.setRoomStateWithKey>>().toEqualTypeOf<{
    roomId: string;
    eventType: string;
    stateKey?: string;
  }>();
  expectTypeOf<ParamsOf<typeof api.postReceipt>['receiptType']>().toEqualTypeOf<
    'm.read' | 'm.read.private' | 'm.fully_read'
  >();
});

test('queries', () => {
  expectTypeOf<QueryOf<typeof api.getRoomEvents>>().toEqualTypeOf<{
    from?: string;
    to?: string;
    dir?: 'b' | 'f';
    limit?: number;
    filter?: string;
  }>();
  expectTypeOf<QueryOf<typeof api.joinRoom>['via']>().toEqualTypeOf<string[] | undefined>();
});

test('bodies', () => {
  expectTypeOf<BodyOf<typeof api.sendMessage>>().toEqualTypeOf<Record<string, unknown>>();
  expectTypeOf<BodyOf<typeof api.refresh>>().toEqualTypeOf<{ refresh_token: string }>();
  expectTypeOf<BodyOf<typeof api.queryKeys>['device_keys']>().toEqualTypeOf<Record<string, string[]>>();
  expectTypeOf<BodyOf<typeof api.leaveRoom>['reason']>().toEqualTypeOf<string | null | undefined>();
  expectTypeOf<BodyOf<typeof api.leaveRoom>['org.example']>().toBeUnknown();
  expectTypeOf<BodyOf<typeof api.logoutAll>>().toBeUndefined();
  expectTypeOf<BodyOf<typeof api.uploadContent>>().toBeUndefined();
});

test('answers', () => {
  expectTypeOf<ResponseOf<typeof api.createRoom>>().toEqualTypeOf<{ room_id: string }>();
  expectTypeOf<ResponseOf<typeof api.federation.getRoomStateIds>>().toEqualTypeOf<{
    auth_chain_ids: string[];
    pdu_ids: string[];
  }>();
  expectTypeOf<ResponseOf<typeof api.getHealth>>().toBeNever();
});

test('every value is an endpoint like others', () => {
  expectTypeOf(api.sync).toExtend<Endpoint>();
  expectTypeOf(allEndpoints).toEqualTypeOf<readonly Endpoint[]>();
});
