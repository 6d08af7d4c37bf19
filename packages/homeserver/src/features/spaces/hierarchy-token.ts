import { MatrixError } from '@myelin/api';

interface Choices {
  readonly suggestedOnly: boolean;
  readonly maxDepth: number | undefined;
}

/** Stands behind the first `count` rooms of a hierarchy, for the choices it was asked for with. */
export function hierarchyToken(count: number, choices: Choices): string {
  return `h${count}_${choicesOf(choices)}`;
}

/** Throws M_INVALID_PARAM if the token isn't one, or is for other choices. Client-Server API §GET /hierarchy. */
export function parseHierarchyToken(token: string, choices: Choices): number {
  const parts = /^h(\d{1,6})_(.*)$/.exec(token);
  if (!parts || parts[2] !== choicesOf(choices)) {
    throw new MatrixError('M_INVALID_PARAM', 'That is not a token for this request');
  }
  return Number(parts[1]);
}

function choicesOf({ suggestedOnly, maxDepth }: Choices): string {
  return `${suggestedOnly ? 's' : 'a'}${maxDepth ?? ''}`;
}
