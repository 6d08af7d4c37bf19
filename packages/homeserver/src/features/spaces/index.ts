export { federationSpacesRoutes, spacesRoutes } from './routes.ts';
export { createSpaces, type Spaces, type SpacesNeeds } from './spaces.ts';
