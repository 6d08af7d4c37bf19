import { secret, type Context } from './context.ts';

/** What /voip/turnServer answers. */
export interface TurnConfig {
  readonly uris: readonly string[];
  readonly sharedSecret: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly userLifetimeMs: number;
  readonly allowGuests: boolean;
}

export function readTurn(context: Context): TurnConfig {
  const { values } = context;
  return {
    uris: values.strings('turn_uris'),
    sharedSecret: secret(context, 'turn_shared_secret'),
    username: values.optionalString('turn_username'),
    password: values.optionalString('turn_password'),
    userLifetimeMs: values.duration('turn_user_lifetime'),
    allowGuests: values.boolean('turn_allow_guests'),
  };
}
