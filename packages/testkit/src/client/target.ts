import type { Endpoint } from '@myelin/api';
import type { Api, Operation, Specification } from '../specification/index.ts';

export type QueryValue = string | number | boolean | readonly string[] | undefined;

/** What is called: an endpoint value, or an operation of the specification by its operationId. */
export type Callee = Endpoint | string;

/** Method, path and how the answer is checked. */
export interface Target {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** The path with `{}` for each parameter. */
  readonly route: string;
  readonly operation: Operation | undefined;
  readonly endpoint: Endpoint | undefined;
}

const apiOfSource: Partial<Record<Endpoint['source'], Api>> = {
  'client-server': 'client-server',
  'server-server': 'server-server',
};

const parameterPattern = /:([A-Za-z][A-Za-z0-9_]*)|\/\*$/g;

/** Looks up what to call and fills in the path. `pathIndex` picks one of an endpoint's paths. */
export function resolveTarget(
  specification: Specification,
  callee: Callee,
  params: Readonly<Record<string, string>>,
  pathIndex: number,
): Target {
  if (typeof callee === 'string') {
    const [id, api] = callee.split('@') as [string, Api | undefined];
    const operation = specification.operation(id, api);
    if (!operation) throw new Error(`The specification has no operation ${callee}`);
    const path = fillPath(operation.path.replaceAll(/\{([^}]+)\}/g, ':$1'), params, callee);
    const route = operation.path.replaceAll(/\{[^}]+\}/g, '{}');
    return { name: callee, method: operation.method, path, route, operation, endpoint: undefined };
  }
  const api = apiOfSource[callee.source];
  const operation = api && specification.operation(callee.id, api);
  if (api && !operation) throw new Error(`${callee.id} says that it is of the ${api} API, which has no such operation`);
  const template = callee.paths[pathIndex];
  if (template === undefined) throw new Error(`${callee.id} has no path number ${pathIndex}`);
  return {
    name: callee.id,
    method: callee.method,
    path: fillPath(template, params, callee.id),
    route: template.replaceAll(parameterPattern, '{}'),
    operation,
    endpoint: callee,
  };
}

function fillPath(template: string, params: Readonly<Record<string, string>>, name: string): string {
  return template.replaceAll(parameterPattern, (_match, key: string | undefined) => {
    const value = params[key ?? '*'];
    if (value === undefined) throw new Error(`${name} needs the parameter ${key ?? '*'}`);
    return key === undefined ? `/${value}` : encodeURIComponent(value);
  });
}

/** `?a=b&c=d`, or nothing; lists repeat their name. */
export function queryString(query: Readonly<Record<string, QueryValue>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? (value as string[]) : [String(value)]) search.append(name, one);
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
