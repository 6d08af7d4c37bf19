import { isJsonObject, setOwn, type JsonObject, type JsonValue } from '../json/value.ts';
import { parsePropertyPath } from '../matching/property-path.ts';

/** Makes a copy of an event with only some of its fields. */
export type EventFieldsPicker = (event: JsonObject) => JsonObject;

/** By name: what is taken of that member; `true`: all of it. */
type FieldTree = Map<string, FieldTree | true>;

/** Compiles `event_fields` of a filter: dot-separated paths of the properties that the client wants. */
export function compileEventFields(fields: readonly string[]): EventFieldsPicker {
  const tree: FieldTree = new Map();
  for (const field of fields) addPath(tree, parsePropertyPath(field));
  return (event) => pick(event, tree);
}

function addPath(root: FieldTree, path: readonly string[]): void {
  let tree = root;
  for (const [index, name] of path.entries()) {
    const known = tree.get(name);
    if (known === true) return;
    if (index === path.length - 1) {
      tree.set(name, true);
      return;
    }
    const next: FieldTree = known ?? new Map();
    tree.set(name, next);
    tree = next;
  }
}

function pick(object: JsonObject, tree: FieldTree): JsonObject {
  const picked: JsonObject = {};
  for (const [name, subtree] of tree) {
    if (!Object.hasOwn(object, name)) continue;
    const value = object[name] as JsonValue;
    if (subtree === true) {
      setOwn(picked, name, value);
    } else if (isJsonObject(value)) {
      const inner = pick(value, subtree);
      if (Object.keys(inner).length > 0) setOwn(picked, name, inner);
    }
  }
  return picked;
}
