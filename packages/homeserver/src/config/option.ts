/** One option of homeserver.yaml, as the loader, the sample file and the reference know it. */
export interface Option {
  /** `listeners[].port`, `old_signing_keys.<key>.key`: `[]` stands for each item, `<key>` for any key. */
  readonly name: string;
  /** `boolean`, `string`, `integer`, `number`, `duration`, `size`, `list`, `map`, `one of a, b`, also `… or null`. */
  readonly type: string;
  /** As it would be written in the file; undefined where there is none. */
  readonly fallback: OptionValue | undefined;
  readonly doc: string;
}

export type OptionValue =
  | null
  | boolean
  | number
  | string
  | readonly OptionValue[]
  | { readonly [key: string]: OptionValue };

export interface OptionSection {
  readonly title: string;
  readonly intro: string;
  readonly options: readonly Option[];
}

/** A row of a section's table: name, type, default (undefined: none), what it does. */
export type OptionRow = readonly [name: string, type: string, fallback: OptionValue | undefined, doc: string];

export function section(title: string, intro: string, rows: readonly OptionRow[]): OptionSection {
  return { title, intro, options: rows.map(([name, type, fallback, doc]) => ({ name, type, fallback, doc })) };
}

/** An option that was removed or replaced; `doc` says what to do instead. */
export interface LegacyOption extends Option {
  readonly outcome: 'refused' | 'ignored' | 'accepted';
}
