import { createHmac, timingSafeEqual } from 'node:crypto';
import { MatrixError } from '@myelin/api';
import { randomString, type Clock, type Random } from '@myelin/runtime';
import type { Passwords } from '../accounts/index.ts';
import type { Registered, Registration } from './registration.ts';

export interface SharedSecretRequest {
  readonly nonce: string;
  readonly username: string;
  readonly password: string;
  readonly mac: string;
  readonly admin?: boolean | null | undefined;
  readonly displayname?: string | null | undefined;
  readonly user_type?: string | null | undefined;
  readonly refresh_token?: boolean | undefined;
  readonly inhibit_login?: boolean | undefined;
  readonly device_id?: string | null | undefined;
  readonly initial_device_display_name?: string | null | undefined;
}

export interface SharedSecretParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly registration: Registration;
  readonly passwords: Passwords;
  /** `registration_shared_secret`; undefined: the way is closed. */
  readonly secret: string | undefined;
  readonly userTypes: ReadonlySet<string>;
}

const nonceLifetime = 60_000;
const mostNonces = 10_000;
const hexDigits = '0123456789abcdef';

/** Registration by who knows the shared secret, as Synapse's admin API has it. */
export class SharedSecretRegistration {
  readonly #parts: SharedSecretParts;
  /** When each was given out, oldest first. */
  readonly #nonces = new Map<string, number>();

  constructor(parts: SharedSecretParts) {
    this.#parts = parts;
  }

  /** A number for one registration within a minute. */
  nonce(): string {
    this.#requireSecret();
    const now = this.#parts.clock.monotonic();
    for (const [nonce, at] of this.#nonces) {
      if (now - at <= nonceLifetime && this.#nonces.size < mostNonces) break;
      this.#nonces.delete(nonce);
    }
    const nonce = randomString(this.#parts.random, 128, hexDigits);
    this.#nonces.set(nonce, now);
    return nonce;
  }

  async register(request: SharedSecretRequest): Promise<Registered> {
    const { passwords, registration, userTypes } = this.#parts;
    const secret = this.#requireSecret();
    this.#useNonce(request.nonce);
    if (request.username.includes('\0')) throw new MatrixError('M_UNKNOWN', 'Invalid username');
    if (request.password.includes('\0')) throw new MatrixError('M_UNKNOWN', 'Invalid password');
    const userType = request.user_type ?? undefined;
    if (userType !== undefined && !userTypes.has(userType)) throw new MatrixError('M_UNKNOWN', 'Invalid user type');
    if (!isMac(secret, request)) throw new MatrixError('M_UNKNOWN', 'HMAC incorrect', { status: 403 });
    return registration.registerByAdministrator(
      {
        localpart: request.username.toLowerCase(),
        passwordHash: await passwords.hash(request.password),
        displayName: request.displayname ?? undefined,
        isAdmin: request.admin === true,
        userType,
      },
      {
        ...(typeof request.device_id === 'string' && { device_id: request.device_id }),
        ...(typeof request.initial_device_display_name === 'string' && {
          initial_device_display_name: request.initial_device_display_name,
        }),
        inhibit_login: request.inhibit_login ?? false,
        refresh_token: request.refresh_token ?? false,
      },
    );
  }

  /** A nonce counts once, whatever comes of it. */
  #useNonce(nonce: string): void {
    const at = this.#nonces.get(nonce);
    this.#nonces.delete(nonce);
    if (at === undefined || this.#parts.clock.monotonic() - at > nonceLifetime)
      throw new MatrixError('M_UNKNOWN', 'unrecognised nonce');
  }

  #requireSecret(): string {
    const { secret } = this.#parts;
    if (secret === undefined || secret === '')
      throw new MatrixError('M_UNKNOWN', 'Shared secret registration is not enabled');
    return secret;
  }
}

/** HMAC-SHA1 over nonce, name, password, `admin` or `notadmin` and the user type if there is one, NUL between them. */
function isMac(secret: string, request: SharedSecretRequest): boolean {
  const { nonce, username, password, admin, user_type: userType } = request;
  const parts = [nonce, username, password, admin ? 'admin' : 'notadmin', ...(userType ? [userType] : [])];
  const wanted = createHmac('sha1', secret).update(parts.join('\0')).digest('hex');
  return (
    wanted.length === request.mac.length &&
    timingSafeEqual(
      Buffer.from(wanted),
      Buffer.from(request.mac.padEnd(wanted.length).slice(0, wanted.length), 'latin1'),
    )
  );
}
