export { EventVisibility, type Viewer } from './event-visibility.ts';
