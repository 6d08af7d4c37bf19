import { printable } from '../printable.ts';

/** `ok`: as it should be; `note`: good to know; `wrong`: others will fail at it. */
export type Level = 'ok' | 'note' | 'wrong';

export interface Finding {
  readonly level: Level;
  readonly text: string;
  /** How far it is indented: a finding about what stands above it. */
  readonly depth: number;
}

/** What was found out, in the order in which it was. */
export class Report {
  readonly findings: Finding[] = [];

  ok(text: string, depth = 0): void {
    this.findings.push({ level: 'ok', text: printable(text), depth });
  }

  note(text: string, depth = 0): void {
    this.findings.push({ level: 'note', text: printable(text), depth });
  }

  wrong(text: string, depth = 0): void {
    this.findings.push({ level: 'wrong', text: printable(text), depth });
  }

  get problems(): number {
    return this.findings.filter(({ level }) => level === 'wrong').length;
  }

  /** One finding a line, and what it comes to. */
  toText(): string {
    const marks = { ok: '     ', note: 'note ', wrong: 'WRONG' };
    const lines = this.findings.map(({ level, text, depth }) => `${marks[level]} ${'  '.repeat(depth)}${text}`);
    const { problems } = this;
    const sum =
      problems === 0 ? 'Nothing is wrong.' : problems === 1 ? 'One thing is wrong.' : `${problems} things are wrong.`;
    return `${lines.join('\n')}\n\n${sum}\n`;
  }
}
