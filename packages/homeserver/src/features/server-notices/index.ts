export { serverNoticesMigrations } from './migrations.ts';
export { NoticeRooms } from './notice-rooms.ts';
export { serverNoticesRoutes } from './routes.ts';
export { noticeInviteCheck, ServerNotices } from './server-notices.ts';
