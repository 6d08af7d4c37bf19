import { createHmac, timingSafeEqual } from 'node:crypto';

/** Addresses of the consent page: what a user's own ends with only this server can have made (`form_secret`). */
export class ConsentLinks {
  readonly #secret: string;
  readonly #baseUrl: string;

  /** `baseUrl` ends with a slash. */
  constructor(secret: string, baseUrl: string) {
    this.#secret = secret;
    this.#baseUrl = baseUrl;
  }

  forUser(localpart: string): string {
    const query = new URLSearchParams({ u: localpart, h: this.#sign(localpart) });
    return `${this.#baseUrl}_matrix/consent?${query}`;
  }

  isSigned(user: string, signature: string): boolean {
    const [wanted, given] = [Buffer.from(this.#sign(user)), Buffer.from(signature)];
    return wanted.length === given.length && timingSafeEqual(wanted, given);
  }

  #sign(user: string): string {
    return createHmac('sha256', this.#secret).update(user).digest('hex');
  }
}
