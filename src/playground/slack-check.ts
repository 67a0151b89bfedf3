/** The limits Slack itself enforces, so that what would fail there fails here. */
import type { Block, View } from "./slack-conversations.ts";

const TEXT_LIMITS: Record<string, number> = {
  "section.text": 3000,
  "section.fields": 2000,
  "context.elements": 3000,
  "header.text": 150,
  "button.text": 75,
  "option.text": 75,
  "option.description": 75,
  "confirm.title": 100,
  "confirm.text": 300,
  "confirm.confirm": 30,
  "confirm.deny": 30,
  "input.label": 2000,
  "input.hint": 2000,
  "element.placeholder": 150,
};
const LIST_LIMITS: Record<string, number> = {
  "section.fields": 10,
  "context.elements": 10,
  "actions.elements": 25,
  "element.options": 100,
};
const ID_LIMIT = 255;
const VALUE_LIMITS: Record<string, number> = { button: 2000, option: 150 };

type Node = Record<string, unknown>;
const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && !Array.isArray(value);
const textOf = (value: unknown): string | null => (isNode(value) && typeof value["text"] === "string" ? value["text"] : null);

function kindOf(key: string, node: Node): string {
  if (key === "confirm" || key === "option") return key;
  const type = typeof node["type"] === "string" ? node["type"] : key;
  return ["section", "context", "actions", "header", "input", "button", "divider"].includes(type) ? type : "element";
}

function* problemsIn(kind: string, node: Node, path: string): Generator<string> {
  for (const id of ["block_id", "action_id"]) {
    const value = node[id];
    if (typeof value === "string" && value.length > ID_LIMIT) yield `${path}/${id}: longer than ${ID_LIMIT}`;
  }
  const { value } = node;
  const valueLimit = VALUE_LIMITS[kind];
  if (typeof value === "string" && valueLimit !== undefined && value.length > valueLimit) yield `${path}/value: longer than ${valueLimit}`;
  for (const [key, child] of Object.entries(node)) {
    const rule = `${kind}.${key}`;
    const limit = TEXT_LIMITS[rule];
    for (const [index, item] of (Array.isArray(child) ? child : [child]).entries()) {
      const text = textOf(item);
      const where = `${path}/${key}/${index}`;
      if (text !== null && limit !== undefined && text.length > limit) yield `${where}: longer than ${limit}`;
      if (text === "") yield `${where}: empty text`;
      if (isNode(item)) yield* problemsIn(kindOf(key.replace(/^(?:initial_)?options?$/, "option"), item), item, where);
    }
    const most = LIST_LIMITS[rule];
    if (Array.isArray(child) && most !== undefined && child.length > most) yield `${path}/${key}: more than ${most}`;
  }
}

function* problemsInBlocks(blocks: Block[], most: number): Generator<string> {
  if (blocks.length > most) yield `/blocks: more than ${most}`;
  const ids = blocks.map((block) => block.block_id).filter((id) => id !== undefined);
  if (new Set(ids).size < ids.length) yield "/blocks: the same block_id twice";
  for (const [index, block] of blocks.entries()) yield* problemsIn(kindOf(block.type, block), block, `/blocks/${index}`);
}

/** What Slack would refuse in a message; empty when it would take it. */
export const problemsInMessage = (blocks: Block[]): string[] => [...problemsInBlocks(blocks, 50)];

/** What Slack would refuse in a modal; empty when it would take it. */
export function problemsInView(view: View): string[] {
  const problems = [...problemsInBlocks(view.blocks, 100)];
  for (const key of ["title", "submit", "close"]) if ((textOf(view[key]) ?? "").length > 24) problems.push(`/${key}: longer than 24`);
  if ((view.private_metadata ?? "").length > 3000) problems.push("/private_metadata: longer than 3000");
  return problems;
}
