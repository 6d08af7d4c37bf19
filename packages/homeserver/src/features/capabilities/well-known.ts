import type { Config } from '../../config/index.ts';

/** What `/.well-known/matrix/client` says; undefined unless `public_baseurl` is given. Client-Server API §"Server Discovery". */
export function clientWellKnown({
  server,
}: Pick<Config, 'server'>): ({ 'm.homeserver': { base_url: string } } & Record<string, unknown>) | undefined {
  if (!server.serveClientWellKnown) return undefined;
  return {
    ...server.extraWellKnownClientContent,
    'm.homeserver': { base_url: server.publicBaseUrl },
    ...(server.defaultIdentityServer !== undefined && {
      'm.identity_server': { base_url: server.defaultIdentityServer },
    }),
  };
}

/** What `/.well-known/matrix/server` says (`serve_server_wellknown`): that port 443 leads here. Server-Server API §"Server discovery". */
export function serverWellKnown({ server }: Pick<Config, 'server'>): { 'm.server': string } | undefined {
  if (!server.serveServerWellKnown) return undefined;
  const hasPort = /^(?:\[[^\]]*\]|[^:[\]]+):\d+$/.test(server.name);
  return { 'm.server': hasPort ? server.name : `${server.name}:443` };
}

/** What `/.well-known/matrix/support` says, from `admin_contact`. Client-Server API §"Server Discovery". */
export function supportWellKnown({
  server,
}: Pick<Config, 'server'>): { contacts: Record<string, string>[] } | { support_page: string } | undefined {
  const contact = server.adminContact;
  if (contact === undefined) return undefined;
  if (/^https?:/.test(contact)) return { support_page: contact };
  const email = contact.replace(/^mailto:/, '');
  if (contact.startsWith('@')) return { contacts: [{ role: 'm.role.admin', matrix_id: contact }] };
  return /^[^@\s]+@[^@\s]+$/.test(email) ? { contacts: [{ role: 'm.role.admin', email_address: email }] } : undefined;
}
