export { sql, type Sql, type SqlPart, type SqlValue } from './sql.ts';
export type { Database, Reader, Row, Writer } from './database.ts';
