import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Router } from './router.ts';

function routerOf(...routes: string[]): Router<string> {
  const router = new Router<string>();
  for (const route of routes) {
    const [method, path] = route.split(' ') as [string, string];
    router.add(method, path, route);
  }
  return router;
}

describe('a router', () => {
  const router = routerOf(
    'GET /',
    'GET /rooms/:roomId/state',
    'GET /rooms/:roomId/state/:eventType/:stateKey',
    'PUT /rooms/:room/state/:type/:key',
    'GET /rooms/:roomId/state/:eventType',
    'GET /rules/',
    'GET /rules/global/:kind/',
    'PUT /rules/global/override/:ruleId',
    'GET /rules/:scope/:kind/:ruleId',
  );

  it.each([
    ['GET', '/', 'GET /', {}],
    ['GET', '/rooms/!a:b/state', 'GET /rooms/:roomId/state', { roomId: '!a:b' }],
    [
      'GET',
      '/rooms/%21a%3Ab/state/m.room.name',
      'GET /rooms/:roomId/state/:eventType',
      { roomId: '!a:b', eventType: 'm.room.name' },
    ],
    [
      'GET',
      '/rooms/r/state/t/',
      'GET /rooms/:roomId/state/:eventType/:stateKey',
      { roomId: 'r', eventType: 't', stateKey: '' },
    ],
    ['PUT', '/rooms/r/state/t/a%2Fb', 'PUT /rooms/:room/state/:type/:key', { room: 'r', type: 't', key: 'a/b' }],
    ['GET', '/rules/', 'GET /rules/', {}],
    ['GET', '/rules/global/room/', 'GET /rules/global/:kind/', { kind: 'room' }],
    // A fixed segment leads nowhere for this method: the parameter beside it is tried.
    [
      'GET',
      '/rules/global/override/x',
      'GET /rules/:scope/:kind/:ruleId',
      { scope: 'global', kind: 'override', ruleId: 'x' },
    ],
    ['PUT', '/rules/global/override/x', 'PUT /rules/global/override/:ruleId', { ruleId: 'x' }],
    ['GET', '/%72ules/', 'GET /rules/', {}],
    ['GET', '/rooms/__proto__/state', 'GET /rooms/:roomId/state', { roomId: '__proto__' }],
  ])('%s %s', (method, path, target, params) => {
    expect(router.find(method, path)).toEqual({ target, params });
  });

  it.each([
    '/rooms',
    '/rooms/r',
    '/rooms/r/state/a/b/c',
    '/rules',
    '//',
    '',
    '*',
    `/rooms/${'x'.repeat(3000)}/state`,
    '/'.repeat(10_000),
  ])('finds nothing at %#', (path) => {
    expect(router.find('GET', path)).toBeUndefined();
    expect(router.knows(path)).toBe(false);
  });

  it('knows paths that are served with other methods', () => {
    expect(router.find('POST', '/rooms/r/state')).toBeUndefined();
    expect(router.knows('/rooms/r/state')).toBe(true);
  });

  it('refuses what is not percent-encoded', () => {
    expect(() => router.find('GET', '/rooms/%ff/state')).toThrow(
      expect.objectContaining({ status: 400, code: 'M_UNKNOWN' }),
    );
  });

  it('refuses two routes of one path', () => {
    expect(() => routerOf('GET /a/:b', 'GET /a/:c')).toThrow('Two routes');
  });

  it('gives back any values of parameters', () => {
    const value = fc.string({ maxLength: 200, unit: 'grapheme' });
    fc.assert(
      fc.property(value, value, (eventType, stateKey) => {
        const path = `/rooms/r/state/${encodeURIComponent(eventType)}/${encodeURIComponent(stateKey)}`;
        expect(router.find('GET', path)?.params).toEqual({ roomId: 'r', eventType, stateKey });
      }),
    );
  });
});
