export { capabilitiesRoutes } from './routes.ts';
export { clientWellKnown } from './well-known.ts';
