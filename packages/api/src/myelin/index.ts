export { getRoot } from './get-root.ts';
export { getStatusPage } from './get-status-page.ts';
