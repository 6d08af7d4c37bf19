import type { Option } from './option.ts';

/** The options by the parts of their names, to walk along with a configuration. */
export interface OptionNode {
  option: Option | undefined;
  readonly members: Map<string, OptionNode>;
  /** What each item of a list is. */
  items: OptionNode | undefined;
  /** What the value of any other key is. */
  anyKey: OptionNode | undefined;
}

export function optionTree(options: Iterable<Option>): OptionNode {
  const root = emptyNode();
  for (const option of options) {
    let node = root;
    for (const part of option.name.split(/\.|(?=\[\])/)) node = child(node, part);
    node.option = option;
  }
  return root;
}

function child(node: OptionNode, part: string): OptionNode {
  if (part === '[]') return (node.items ??= emptyNode());
  if (part.startsWith('<')) return (node.anyKey ??= emptyNode());
  const found = node.members.get(part) ?? emptyNode();
  node.members.set(part, found);
  return found;
}

function emptyNode(): OptionNode {
  return { option: undefined, members: new Map(), items: undefined, anyKey: undefined };
}

/** True if what is inside isn't known by name: module settings and the like. */
export function isOpaque(node: OptionNode): boolean {
  return node.members.size === 0 && node.items === undefined && node.anyKey === undefined;
}
