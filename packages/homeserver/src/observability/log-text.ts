const levelNames: Readonly<Record<number, string>> = {
  10: 'TRACE',
  20: 'DEBUG',
  30: 'INFO',
  40: 'WARN',
  50: 'ERROR',
  60: 'FATAL',
};

/** A line of JSON made readable: time, level, sentence, then the facts as name=value; a stack goes on lines of its own. */
export function readableLine(json: string): string {
  let facts: Record<string, unknown>;
  try {
    facts = JSON.parse(json) as Record<string, unknown>;
  } catch {
    return json;
  }
  const { level, time, msg, name, request, err, pid: _pid, hostname: _hostname, ...rest } = facts;
  const error = err as { message?: string; stack?: string } | undefined;
  const parts = [
    new Date(Number(time)).toISOString(),
    (levelNames[Number(level)] ?? String(level)).padEnd(5),
    ...(name === undefined ? [] : [String(name)]),
    ...(request === undefined ? [] : [`[${String(request)}]`]),
    ...(msg === undefined ? [] : [oneLine(String(msg))]),
    ...Object.entries(rest).map(([key, value]) => `${key}=${shown(value)}`),
    ...(error?.message === undefined ? [] : [`error=${shown(error.message)}`]),
  ];
  return `${parts.join(' ')}\n${error?.stack === undefined ? '' : `${error.stack}\n`}`;
}

function shown(value: unknown): string {
  return typeof value === 'string' && /^[\w./:@!#$+~-]+$/.test(value) ? value : JSON.stringify(value);
}

/** Line breaks in what others have sent must not make lines of their own. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
