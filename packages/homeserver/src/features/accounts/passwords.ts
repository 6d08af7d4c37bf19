import { MatrixError } from '@myelin/api';
import { Slots } from '../../queues/index.ts';

export interface PasswordOptions {
  /** Cost of bcrypt: 2^rounds. */
  readonly bcryptRounds: number;
  /** `password_config.pepper` */
  readonly pepper: string;
}

/** Loaded with the first password. */
const bcrypt = () => import('@node-rs/bcrypt');

/** Fewer than libuv's four threads, so that files and names are still looked up while passwords are hashed. */
const atOnce = 2;
const mostWaiting = 100;

/**
 * Password hashes as Synapse makes them, so that they move over: bcrypt of the NFKC form with the pepper behind it, of
 * which bcrypt looks at the first 72 bytes. Everything runs on the thread pool; too many at once are refused with
 * M_LIMIT_EXCEEDED.
 */
export class Passwords {
  readonly #options: PasswordOptions;
  readonly #slots = new Slots({ atOnce, mostWaiting, refusal: tooMany });

  constructor(options: PasswordOptions) {
    this.#options = options;
  }

  hash(password: string): Promise<string> {
    return this.#slots.run(async () => {
      const { hash } = await bcrypt();
      return hash(this.#input(password), { cost: this.#options.bcryptRounds });
    });
  }

  /**
   * Whether the password fits. Without a hash to compare (no such account, no password set) it never does, after as
   * much work as a wrong password takes: the time of the answer doesn't tell them apart.
   */
  async verify(password: string, passwordHash: string | undefined): Promise<boolean> {
    const fits = await this.#slots.run(async () => {
      const { verify } = await bcrypt();
      return verify(this.#input(password), passwordHash ?? this.#hashOfNothing()).catch(() => false);
    });
    return fits && passwordHash !== undefined;
  }

  /** Has the form of a hash and the cost of ours, and nothing fits it. */
  #hashOfNothing(): string {
    return `$2b$${String(this.#options.bcryptRounds).padStart(2, '0')}$${'.'.repeat(53)}`;
  }

  #input(password: string): string {
    return password.normalize('NFKC') + this.#options.pepper;
  }
}

function tooMany(): MatrixError {
  return new MatrixError('M_LIMIT_EXCEEDED', 'Too many passwords are being checked', {
    details: { retry_after_ms: 5_000 },
  });
}
