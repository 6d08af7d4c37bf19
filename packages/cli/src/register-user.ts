import { createHmac } from 'node:crypto';
import { CliError } from './exit.ts';
import type { RegistrationAccess } from './registration-access.ts';

export interface NewUser {
  readonly user: string;
  readonly password: string;
  readonly admin: boolean;
  readonly userType: string | undefined;
}

export type RegistrationOutcome =
  | { readonly kind: 'made'; readonly userId: string }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string | undefined; readonly message: string };

/** Makes an account over /_synapse/admin/v1/register. */
export async function registerUser(access: RegistrationAccess, user: NewUser): Promise<RegistrationOutcome> {
  const url = `${access.url.replace(/\/+$/, '')}/_synapse/admin/v1/register`;
  const nonce = await call(url);
  if (nonce.status !== 200 || typeof nonce.body['nonce'] !== 'string') return refusal(nonce);
  const answer = await call(url, {
    nonce: nonce.body['nonce'],
    username: user.user,
    password: user.password,
    admin: user.admin,
    ...(user.userType === undefined ? {} : { user_type: user.userType }),
    mac: registrationMac(access.secret, nonce.body['nonce'], user),
  });
  if (answer.status !== 200) return refusal(answer);
  return { kind: 'made', userId: String(answer.body['user_id'] ?? user.user) };
}

/** HMAC-SHA1 in hex over nonce, name, password, rights and type, with NUL between them. */
export function registrationMac(secret: string, nonce: string, user: NewUser): string {
  const parts = [nonce, user.user, user.password, user.admin ? 'admin' : 'notadmin'];
  if (user.userType !== undefined) parts.push(user.userType);
  return createHmac('sha1', secret).update(parts.join('\0')).digest('hex');
}

interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function call(url: string, body?: unknown): Promise<Answer> {
  const request: RequestInit =
    body === undefined
      ? {}
      : { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
  let response: Response;
  try {
    response = await fetch(url, { ...request, signal: AbortSignal.timeout(60_000) });
  } catch (error) {
    throw new CliError(`no server answers at ${new URL(url).origin}: ${connectionProblem(error)}`);
  }
  const text = await response.text();
  try {
    return { status: response.status, body: JSON.parse(text) as Answer['body'] };
  } catch {
    return { status: response.status, body: {} };
  }
}

function connectionProblem(error: unknown): string {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  if (cause?.code === 'ECONNREFUSED') return 'is it running?';
  return cause?.code ?? cause?.message ?? (error as Error).message;
}

function refusal({ status, body }: Answer): RegistrationOutcome {
  const text = (name: string): string | undefined => (typeof body[name] === 'string' ? body[name] : undefined);
  return { kind: 'refused', status, code: text('errcode'), message: text('error') ?? 'it gives no reason' };
}
