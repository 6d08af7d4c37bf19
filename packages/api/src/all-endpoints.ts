import * as client from './client/index.ts';
import type { Endpoint } from './endpoint.ts';
import * as federation from './federation/index.ts';
import * as myelin from './myelin/index.ts';
import * as synapse from './synapse/index.ts';

/** Every endpoint that is described, served or not. */
export const allEndpoints: readonly Endpoint[] = [
  ...Object.values(client),
  ...Object.values(federation),
  ...Object.values(synapse),
  ...Object.values(myelin),
];
