import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Stack traces with the places in the sources, where they name those in a build. Node could do it by itself, but then
 * keeps every map from the start, which takes 60 MB. Here a map is read for a trace, and goes when memory is wanted.
 */
export class SourceStacks {
  readonly #maps = new Map<string, WeakRef<SourceMap>>();

  inSources(stack: string): string {
    return stack.replaceAll(
      /(file:\/\/[^\s()]+\.js):(\d+):(\d+)/g,
      (place, url: string, line: string, column: string) => {
        const entry = this.#mapOf(url)?.findEntry(Number(line) - 1, Number(column) - 1);
        if (!entry || !('originalSource' in entry)) return place;
        const source = fileURLToPath(new URL(entry.originalSource, url));
        return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
      },
    );
  }

  #mapOf(url: string): SourceMap | undefined {
    const known = this.#maps.get(url)?.deref();
    if (known) return known;
    try {
      const map = new SourceMap(JSON.parse(readFileSync(fileURLToPath(`${url}.map`), 'utf8')));
      this.#maps.set(url, new WeakRef(map));
      return map;
    } catch {
      // There is none: the file wasn't built.
      return undefined;
    }
  }
}
