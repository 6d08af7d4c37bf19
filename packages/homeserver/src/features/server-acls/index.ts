export { ServerAcls } from './server-acls.ts';
