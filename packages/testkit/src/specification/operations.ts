import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { slips } from './slips.ts';

/** The five APIs of the specification, as their data files are named. */
export const apis = ['client-server', 'server-server', 'application-service', 'push-gateway', 'identity'] as const;
export type Api = (typeof apis)[number];

export type JsonSchema = Readonly<Record<string, unknown>> | boolean;

export interface OperationParameter {
  in: 'path' | 'query' | 'header';
  name: string;
  required?: boolean;
  schema: JsonSchema;
}

export interface OperationContent {
  content?: Readonly<Record<string, { schema: JsonSchema }>>;
  headers?: Readonly<Record<string, { required?: boolean; schema: JsonSchema }>>;
}

/** One operation of the specification, with the path that it gives today (`{name}` for parameters). */
export interface Operation {
  api: Api;
  id: string;
  method: string;
  path: string;
  deprecated: boolean;
  parameters: readonly OperationParameter[];
  requestBody: (OperationContent & { required?: boolean }) | null;
  responses: Readonly<Record<string, OperationContent>>;
}

const dataFolder = join(import.meta.dirname, 'data');

/** All operations of one API, the known slips of the schemas put right. */
export function loadOperations(api: Api): Operation[] {
  const operations = JSON.parse(readFileSync(join(dataFolder, `${api}.json`), 'utf8')) as Operation[];
  for (const operation of operations) operation.api = api;
  for (const slip of slips.filter((one) => one.api === api)) {
    const operation = operations.find((one) => one.id === slip.operation);
    if (!operation) throw new Error(`slips.ts names ${slip.operation}, which ${api} doesn't have`);
    put(operation as unknown as Record<string, unknown>, slip.at, slip.value);
  }
  return operations;
}

/** The schemas of all event types; subtypes as `m.room.message$m.text`. */
export function loadEventSchemas(): Readonly<Record<string, JsonSchema>> {
  return JSON.parse(readFileSync(join(dataFolder, 'events.json'), 'utf8')) as Record<string, JsonSchema>;
}

function put(target: Record<string, unknown>, at: readonly string[], value: unknown): void {
  const last = at.at(-1)!;
  let holder: unknown = target;
  for (const key of at.slice(0, -1)) holder = (holder as Record<string, unknown> | undefined)?.[key];
  if (typeof holder !== 'object' || holder === null) throw new Error(`slips.ts: there is no ${at.join('/')}`);
  if (value === undefined) delete (holder as Record<string, unknown>)[last];
  else (holder as Record<string, unknown>)[last] = value;
}
