export { capabilitiesRoutes } from './routes.ts';
