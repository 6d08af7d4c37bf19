export { createMedia, type Media } from './create-media.ts';
export { DiskMediaFiles } from './files/disk-media-files.ts';
export { MemoryMediaFiles } from './files/memory-media-files.ts';
export type { MediaFiles } from './files/media-files.ts';
export { mediaMigrations } from './migrations.ts';
export type { FetchElsewhere } from './remote/media-source.ts';
