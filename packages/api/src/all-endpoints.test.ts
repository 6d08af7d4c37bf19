import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { allEndpoints } from './all-endpoints.ts';
import { compileValidator } from './schema.ts';

interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
}

function operations(name: string): Map<string, Operation> {
  const text = readFileSync(join(import.meta.dirname, `../data/${name}-operations.json`), 'utf8');
  return new Map((JSON.parse(text) as Operation[]).map((operation) => [operation.id, operation]));
}

const parameterNames = (path: string): string[] => [...path.matchAll(/:(\w+)/g)].map(([, name]) => name as string);
const duplicates = (list: readonly string[]): string[] => list.filter((one, index) => list.indexOf(one) !== index);

describe('the list of endpoints', () => {
  test('no id stands twice', () => {
    expect(duplicates(allEndpoints.map(({ id }) => id))).toEqual([]);
  });

  test('no method and path stand twice, whatever their parameters are called', () => {
    const routes = allEndpoints.flatMap(({ method, paths }) =>
      paths.map((path) => `${method} ${path.replaceAll(/:\w+/g, ':')}`),
    );
    expect(duplicates(routes)).toEqual([]);
  });

  test('holds every file', () => {
    const files = ['client', 'federation', 'synapse', 'myelin'].flatMap((folder) =>
      (readdirSync(join(import.meta.dirname, folder), { recursive: true }) as string[])
        .filter((name) => name.endsWith('.ts') && !name.endsWith('index.ts') && !/(^|\/)(shapes|paths)\b/.test(name))
        .map((name) => readFileSync(join(import.meta.dirname, folder, name), 'utf8').match(/^ {2}id: '(.*)',$/m)?.[1]),
    );
    expect(files.toSorted()).toEqual(allEndpoints.map(({ id }) => id).toSorted());
  });
});

const clientServer = operations('client-server');
const serverServer = operations('server-server');

describe.each(allEndpoints.map((endpoint) => [endpoint.id, endpoint] as const))('%s', (id, endpoint) => {
  test('has paths that begin as Matrix paths do', () => {
    expect(endpoint.paths.length).toBeGreaterThan(0);
    // The status page is for people, who open the bare address.
    for (const path of endpoint.paths.filter((one) => id !== 'getRoot' || one !== '/')) {
      expect(path).toMatch(
        /^\/(_matrix\/(client|media|federation|key|policy|static|consent)|_synapse|\.well-known\/matrix|health)(\/|$)/,
      );
    }
  });

  test('is as the specification says', () => {
    if (endpoint.source !== 'client-server' && endpoint.source !== 'server-server') return;
    const name = id.replace(/^federation\./, '');
    const operation = (endpoint.source === 'client-server' ? clientServer : serverServer).get(name);
    expect(operation).toBeDefined();
    expect(endpoint.method).toBe(operation?.method);
    expect(endpoint.paths[0]).toBe(operation?.path.replaceAll(/\{(\w+)\}/g, ':$1'));
    if (endpoint.source === 'server-server') expect(id).toBe(`federation.${name}`);
  });

  test('describes the parameters of its paths', () => {
    const declared = Object.keys(endpoint.params.properties);
    const inPaths = endpoint.paths.map(parameterNames);
    expect(new Set(inPaths.flat())).toEqual(new Set(declared));
    const always = declared.filter((name) => inPaths.every((names) => names.includes(name)));
    expect(endpoint.params.required ?? []).toEqual(always);
  });

  test('has schemas that compile, and a query of values that text can be turned into', () => {
    const { params, query, body, response } = endpoint;
    for (const schema of [params, query, body, response]) {
      if (typeof schema === 'object') expect(() => compileValidator(schema)({})).not.toThrow();
    }
    for (const member of Object.values(query.properties) as { type?: string }[]) {
      expect(['string', 'integer', 'boolean', 'array']).toContain(member.type);
    }
  });

  test('takes objects as its body, and an empty one where none is needed', () => {
    if (endpoint.method === 'GET') expect(endpoint.body).toBeUndefined();
    if (typeof endpoint.body !== 'object') return;
    const validate = compileValidator(endpoint.body);
    for (const wrong of [null, [], 'text', 1, true]) expect(validate(wrong)).toMatchObject({ member: '' });
    if (endpoint.allowEmptyBody) expect(validate({})?.missing ?? true).toBe(true);
  });
});
