/**
 * A finite double as Python prints it: canonical JSON of room versions 1 to 5 is what the first servers (written in
 * Python) hashed, so floats must come out the same. The shortest digits that read back as the same double; an exponent
 * of at least two digits below 1e-4 and from 1e16 on; otherwise always a point.
 */
export function pythonFloat(value: number): string {
  const [mantissa = '0', exponentText = '0'] = Math.abs(value).toExponential().split('e');
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const exponent = Number(exponentText);
  const digits = mantissa.replace('.', '');
  if (exponent < -4 || exponent >= 16) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}.${digits.slice(exponent + 1) || '0'}`;
}
