import { hash, verify } from '@node-rs/bcrypt';

export interface PasswordOptions {
  /** Cost of bcrypt: 2^rounds. */
  readonly bcryptRounds: number;
  /** `password_config.pepper` */
  readonly pepper: string;
}

/** Password hashes as Synapse makes them, so that they move over: bcrypt of the NFKC form with the pepper behind it. */
export class Passwords {
  readonly #options: PasswordOptions;

  constructor(options: PasswordOptions) {
    this.#options = options;
  }

  /** Runs on the thread pool. */
  hash(password: string): Promise<string> {
    return hash(this.#input(password), { cost: this.#options.bcryptRounds });
  }

  /** Runs on the thread pool. */
  async verify(password: string, passwordHash: string): Promise<boolean> {
    try {
      return await verify(this.#input(password), passwordHash);
    } catch {
      return false;
    }
  }

  #input(password: string): string {
    return password.normalize('NFKC') + this.#options.pepper;
  }
}
