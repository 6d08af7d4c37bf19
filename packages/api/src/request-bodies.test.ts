import { describe, expect, test } from 'vitest';
import type { TSchema } from 'typebox';
import { allEndpoints } from './all-endpoints.ts';
import { compileValidator } from './schema.ts';

const byId = new Map(allEndpoints.map((endpoint) => [endpoint.id, endpoint]));

function bodyProblem(id: string, body: unknown): string | undefined {
  return compileValidator(byId.get(id)?.body as TSchema)(body)?.message;
}

const signatures = { '@a:b': { 'ed25519:D': 'x' } };
const deviceKeys = { user_id: '@a:b', device_id: 'D', algorithms: ['m.olm'], keys: { 'ed25519:D': 'x' }, signatures };
const session = { first_message_index: 0, forwarded_count: 0, is_verified: false, session_data: {} };

describe('bodies that clients send are taken', () => {
  test.each<[string, unknown]>([
    ['register', {}],
    ['register', { auth: { type: 'm.login.dummy' }, username: 'a', password: 'b', inhibit_login: true }],
    [
      'register',
      { auth: { session: 'x', type: 'm.login.registration_token', token: 't' }, initial_device_display_name: null },
    ],
    [
      'login',
      { type: 'm.login.password', identifier: { type: 'm.id.user', user: 'a' }, password: 'p', device_id: null },
    ],
    ['login', { type: 'm.login.password', user: 'a', password: 'p', initial_device_display_name: 'Phone' }],
    ['login', { type: 'org.matrix.login.jwt', token: 't' }],
    ['changePassword', { auth: { session: 's', type: 'm.login.password' } }],
    ['deleteDevice', {}],
    ['createRoom', {}],
    [
      'createRoom',
      {
        preset: 'private_chat',
        invite: [],
        initial_state: [{ type: 'm.room.encryption', content: { algorithm: 'm' } }],
      },
    ],
    [
      'createRoom',
      { creation_content: { 'm.federate': false, type: 'm.space' }, topic: null, room_version: '12', is_direct: false },
    ],
    ['joinRoom', {}],
    ['inviteUser', { user_id: '@a:b', reason: 'come' }],
    ['inviteUser', { medium: 'email', address: 'a@b', id_server: 'c', id_access_token: 't' }],
    ['kick', { user_id: '@a:b', reason: null }],
    ['redactEvent', { reason: 'x', 'org.matrix.msc3912.with_relations': ['m.reference'] }],
    ['defineFilter', { room: { timeline: { limit: 20, unread_thread_notifications: true, lazy_load_members: true } } }],
    ['defineFilter', { room: { state: { types: ['m.room.*'] } }, event_fields: ['content.body'], 'org.example': 1 }],
    ['uploadKeys', { device_keys: deviceKeys, one_time_keys: { 'signed_curve25519:AAAA': { key: 'k', signatures } } }],
    ['uploadKeys', { fallback_keys: { 'signed_curve25519:AAAA': { key: 'k', fallback: true, signatures } } }],
    ['uploadKeys', { one_time_keys: { 'curve25519:AAAA': 'k' } }],
    ['queryKeys', { device_keys: { '@a:b': [], '@c:d': ['DEVICE'] }, timeout: 10_000, token: 's1' }],
    ['claimKeys', { one_time_keys: { '@a:b': { D: 'signed_curve25519' } } }],
    ['uploadCrossSigningKeys', { master_key: { user_id: '@a:b', usage: ['master'], keys: { 'ed25519:x': 'x' } } }],
    ['uploadCrossSigningSignatures', { '@a:b': { D: deviceKeys } }],
    ['putRoomKeys', { rooms: { '!r:b': { sessions: { s: session } } } }],
    ['putRoomKeyBySessionId', session],
    ['sendToDevice', { messages: { '@a:b': { '*': {}, D: { a: 1 } } } }],
    ['postReceipt', {}],
    ['postReceipt', { thread_id: 'main' }],
    ['setTyping', { typing: true, timeout: 30_000 }],
    ['setTyping', { typing: false }],
    ['setPresence', { presence: 'unavailable', status_msg: '' }],
    ['setRoomTag', { order: 0.25, 'u.more': 1 }],
    ['setPushRule', { actions: ['notify', { set_tweak: 'sound', value: 'default' }], pattern: 'cat' }],
    ['setPushRule', { actions: [], conditions: [{ kind: 'event_property_is', key: 'a', value: null }] }],
    ['postPusher', { pushkey: 'k', app_id: 'a', kind: null }],
    [
      'postPusher',
      {
        pushkey: 'k',
        app_id: 'a',
        kind: 'http',
        app_display_name: 'a',
        device_display_name: 'b',
        lang: 'en',
        data: { url: 'https://p', format: 'event_id_only', default_payload: {} },
      },
    ],
    ['queryPublicRooms', { limit: 20, filter: { generic_search_term: 'cat', room_types: [null, 'm.space'] } }],
    [
      'search',
      { search_categories: { room_events: { search_term: 'cat', filter: { rooms: ['!r:b'] }, order_by: 'recent' } } },
    ],
    ['searchUserDirectory', { search_term: 'al', limit: 10 }],
    ['registerWithSharedSecret', { nonce: 'n', username: 'u', password: 'p', mac: 'm', admin: true, user_type: null }],
    ['federation.sendTransaction', { origin: 'b', origin_server_ts: 1, pdus: [null, 5, {}], edus: ['poison'] }],
    ['federation.sendTransaction', { origin: 'b', pdus: [], edus: null }],
    ['federation.sendInviteV2', { event: {}, room_version: '12', invite_room_state: [{}, 1] }],
    [
      'federation.bulkPerspectivesKeyQuery',
      { server_keys: { b: {}, c: { 'ed25519:1': { minimum_valid_until_ts: 1 } } } },
    ],
  ])('%s %j', (id, body) => expect(bodyProblem(id, body)).toBeUndefined());
});

describe('bodies of a wrong shape are refused', () => {
  test.each<[string, unknown, string]>([
    ['register', { username: 1 }, "'username' must be a string"],
    ['register', { auth: 'm.login.dummy' }, "'auth' must be an object or null"],
    ['register', { auth: { session: 5 } }, "'auth.session' must be a string"],
    ['register', { password: 'x'.repeat(513) }, "'password' is too long"],
    ['register', { inhibit_login: 'yes' }, "'inhibit_login' must be true or false"],
    ['login', {}, "'type' is missing"],
    ['login', { type: 'm.login.password', identifier: 'a' }, "'identifier' must be an object"],
    ['login', { type: 'm.login.password', identifier: {} }, "'identifier.type' is missing"],
    ['login', { type: 'm.login.password', password: ['x'] }, "'password' must be a string"],
    ['refresh', { refresh_token: null }, "'refresh_token' must be a string"],
    ['deleteDevices', { devices: 'D' }, "'devices' must be a list"],
    ['deleteDevices', { devices: [{}] }, "'devices.0' must be a string"],
    ['createRoom', { invite: '@a:b' }, "'invite' must be a list"],
    ['createRoom', { invite: [null] }, "'invite.0' must be a string"],
    ['createRoom', { initial_state: {} }, "'initial_state' must be a list"],
    ['createRoom', { initial_state: [{ content: {} }] }, "'initial_state.0.type' is missing"],
    ['createRoom', { initial_state: [{ type: 'a', content: null }] }, "'initial_state.0.content' must be an object"],
    ['createRoom', { room_version: 12 }, "'room_version' must be a string"],
    ['createRoom', { creation_content: [] }, "'creation_content' must be an object"],
    ['createRoom', { power_level_content_override: 'x' }, "'power_level_content_override' must be an object"],
    ['kick', {}, "'user_id' is missing"],
    ['ban', { user_id: 1 }, "'user_id' must be a string"],
    ['ban', { user_id: '@a:b', reason: {} }, "'reason' must be a string or null"],
    [
      'joinRoom',
      { third_party_signed: { sender: 's', mxid: 'm', token: 't', signatures: { a: 'b' } } },
      "'third_party_signed.signatures.a' must be an object",
    ],
    ['defineFilter', { room: [] }, "'room' must be an object"],
    ['defineFilter', { room: { timeline: { limit: -1 } } }, "'room.timeline.limit' must be at least 0"],
    [
      'defineFilter',
      { room: { timeline: { limit: 1e300 } } },
      "'room.timeline.limit' must be at most 9007199254740991",
    ],
    ['defineFilter', { presence: { types: 'm.*' } }, "'presence.types' must be a list"],
    ['defineFilter', { event_format: 'raw' }, "'event_format' must be one of client, federation"],
    ['uploadKeys', { device_keys: null }, "'device_keys' must be an object"],
    ['uploadKeys', { device_keys: { ...deviceKeys, keys: [] } }, "'device_keys.keys' must be an object"],
    [
      'uploadKeys',
      { device_keys: { ...deviceKeys, signatures: { '@a:b': null } } },
      "'device_keys.signatures.@a:b' must be an object",
    ],
    ['uploadKeys', { one_time_keys: { 'a:b': 5 } }, "'one_time_keys.a:b' has a wrong type"],
    ['queryKeys', { device_keys: { '@a:b': {} } }, "'device_keys.@a:b' must be a list"],
    ['queryKeys', { device_keys: { '@a:b': null } }, "'device_keys.@a:b' must be a list"],
    ['queryKeys', {}, "'device_keys' is missing"],
    ['claimKeys', { one_time_keys: { '@a:b': ['D'] } }, "'one_time_keys.@a:b' must be an object"],
    ['claimKeys', { one_time_keys: { '@a:b': { D: null } } }, "'one_time_keys.@a:b.D' must be a string"],
    ['uploadCrossSigningKeys', { master_key: null }, "'master_key' must be an object"],
    [
      'uploadCrossSigningKeys',
      { master_key: { user_id: '@a:b', usage: 'master', keys: {} } },
      "'master_key.usage' must be a list",
    ],
    ['uploadCrossSigningSignatures', { '@a:b': { D: 'x' } }, "'@a:b.D' must be an object"],
    ['putRoomKeys', { rooms: { '!r:b': { sessions: [] } } }, "'rooms.!r:b.sessions' must be an object"],
    ['putRoomKeyBySessionId', { ...session, first_message_index: '0' }, "'first_message_index' must be an integer"],
    ['putRoomKeyBySessionId', { ...session, is_verified: 0 }, "'is_verified' must be true or false"],
    ['sendToDevice', { messages: { '@a:b': { D: 'x' } } }, "'messages.@a:b.D' must be an object"],
    ['sendToDevice', { messages: [] }, "'messages' must be an object"],
    ['postReceipt', { thread_id: '' }, "'thread_id' is too short"],
    ['setReadMarker', { 'm.read': {} }, "'m.read' must be a string or null"],
    ['setTyping', { typing: 'yes' }, "'typing' must be true or false"],
    ['setPresence', { presence: 'away' }, "'presence' must be one of online, offline, unavailable"],
    ['setPushRule', { actions: 'notify' }, "'actions' must be a list"],
    ['setPushRule', { actions: [], conditions: [{}] }, "'conditions.0.kind' is missing"],
    ['setPushRule', { actions: [], pattern: 1 }, "'pattern' must be a string"],
    ['postPusher', { pushkey: 'k', app_id: 'a' }, "'kind' is missing"],
    ['postPusher', { pushkey: 'k', app_id: 'a', kind: 'http', data: 'x' }, "'data' must be an object or null"],
    ['queryPublicRooms', { limit: '20' }, "'limit' must be an integer or null"],
    ['search', { search_categories: { room_events: {} } }, "'search_categories.room_events.search_term' is missing"],
    ['searchUserDirectory', { search_term: null }, "'search_term' must be a string"],
    ['federation.sendTransaction', { pdus: Array.from({ length: 51 }, () => ({})) }, "'pdus' is too long"],
    ['federation.sendTransaction', { edus: Array.from({ length: 101 }, () => ({})) }, "'edus' is too long"],
    ['federation.sendTransaction', { pdus: {} }, "'pdus' must be a list"],
    ['federation.sendInviteV2', { event: {} }, "'room_version' is missing"],
    [
      'federation.getMissingPreviousEvents',
      { earliest_events: [], latest_events: [1] },
      "'latest_events.0' must be a string",
    ],
    [
      'federation.claimUserEncryptionKeys',
      { one_time_keys: { '@a:b': { D: {} } } },
      "'one_time_keys.@a:b.D' must be a string",
    ],
    ['federation.bulkPerspectivesKeyQuery', { server_keys: { b: [] } }, "'server_keys.b' must be an object"],
  ])('%s %j', (id, body, message) => expect(bodyProblem(id, body)).toBe(message));
});

describe('an object of odd keys is no way around the check', () => {
  test.each(['a\nb', '\u2028', '__proto__', ''])('%j', (key) => {
    const messages = JSON.parse(`{"messages":{${JSON.stringify(key)}:"not an object"}}`);
    expect(bodyProblem('sendToDevice', messages)).toContain('must be an object');
  });
});
