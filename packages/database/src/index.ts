export { sql, type SqlTag } from './sql.ts';
export type { Sql, SqlPart, SqlValue } from './statement.ts';
export type { Dialect } from './fragments.ts';
export type { Database, Reader, Row, Writer } from './database.ts';
export { openDatabase } from './open.ts';
export { openReadOnly, type ReadOnlyDatabase } from './open-read-only.ts';
export type { DatabaseOptions, PostgresArguments, PostgresOptions, SqliteOptions } from './options.ts';
export { openSqlite } from './sqlite/open.ts';
export type { SqliteDatabase } from './sqlite/database.ts';
export type { Durability } from './sqlite/durability.ts';
export { KeptConnections, type SqliteContents } from './sqlite/kept-connections.ts';
export {
  DatabaseError,
  isUniqueViolation,
  type Constraint,
  type ConstraintKind,
  type DatabaseErrorKind,
} from './errors.ts';
export { migrate, type Migration, type SchemaVersions } from './migrations.ts';
export {
  BackgroundUpdates,
  scheduleBackgroundUpdate,
  type BackgroundUpdate,
  type BackgroundUpdateOptions,
  type BackgroundUpdateStatus,
  type BatchOutcome,
  type Progress,
} from './background-updates.ts';
export { reserveBlock, reserveBlocks, type NumberBlock } from './reserve-block.ts';
