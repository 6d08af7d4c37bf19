export { federationSpacesRoutes, spacesRoutes } from './routes.ts';
export { createSpaces } from './spaces.ts';
