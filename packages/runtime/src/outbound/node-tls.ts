import type tls from 'node:tls';

/**
 * Node's module for TLS, when it is needed: to import it costs a start 60 ms and memory, since an import reads each of its
 * exports, the authorities that come with Node among them.
 */
export function nodeTls(): typeof tls {
  return process.getBuiltinModule('node:tls');
}
