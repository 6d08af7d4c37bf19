export { openIdMigrations } from './migrations.ts';
export { OpenIdTokens } from './openid-tokens.ts';
export { openIdClientRoutes, openIdRoutes } from './routes.ts';
