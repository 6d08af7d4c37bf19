export { getStatusPage } from './get-status-page.ts';
