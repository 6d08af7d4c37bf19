/** A fresh log configuration, in the form of Python's logging. */
export function logConfigText(logFile: string, output: 'file' | 'console'): string {
  return `# What is logged, and where to, in the form of Python's logging configuration.
version: 1

formatters:
  # Readable lines. With class synapse.logging.JsonFormatter lines are JSON.
  precise:
    format: '%(asctime)s - %(name)s - %(levelname)s - %(request)s - %(message)s'

handlers:
  file:
    class: logging.handlers.TimedRotatingFileHandler
    formatter: precise
    filename: ${JSON.stringify(logFile)}
    when: midnight
    backupCount: 3
    encoding: utf8
  # Without a formatter lines are readable on a terminal, and JSON otherwise.
  console:
    class: logging.StreamHandler

root:
  level: INFO
  handlers: [${output}]

disable_existing_loggers: false
`;
}
