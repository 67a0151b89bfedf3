/**
 * Bytes → text. A byte order mark decides; without one UTF-16 shows by its NULs, UTF-8 by being valid. Text that is mostly UTF-8 is not read as anything
 * else: the row that is not is named. What is left is one of the single-byte tables, the one in which the words look like words.
 */
import iconv from "iconv-lite";
import { tableFault } from "./problem.ts";
import { rateTables, SINGLE_BYTE, type SingleByte } from "./single-byte.ts";

export const ENCODINGS = ["utf-8", "utf-16le", "utf-16be", ...SINGLE_BYTE] as const;
export type Encoding = (typeof ENCODINGS)[number];

/** May be read more than once. */
export type Chunks = () => AsyncIterable<Uint8Array>;

const LOOK_AT = 4096;
/** Of the bytes in every other place, in Latin text as UTF-16. */
const MANY_NULS = 0.4;
const FEW_NULS = 0.05;
/** Of the characters beyond ASCII, those that are whole in UTF-8. In any other encoding next to none is, by chance. */
const MOSTLY_UTF8 = 0.2;

/** `said`: what somebody says it is. Throws a table fault where the text is not whole in it, or where nothing fits. */
export async function detectEncoding(chunks: Chunks, said?: Encoding): Promise<Encoding> {
  const head = await headOf(chunks, LOOK_AT);
  if (said !== undefined && said !== "utf-8") return said;
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  const marked = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  const { even, odd } = nuls(head);
  if (odd > MANY_NULS && even < FEW_NULS) return "utf-16le";
  if (even > MANY_NULS && odd < FEW_NULS) return "utf-16be";
  const { whole, broken, row } = await countUtf8(chunks);
  if (broken === 0) return "utf-8";
  if (marked || said === "utf-8" || whole / (whole + broken) >= MOSTLY_UTF8) throw tableFault({ kind: "not-utf-8", row });
  return detectTable(chunks);
}

async function detectTable(chunks: Chunks): Promise<SingleByte> {
  const [best, second] = await rateTables(chunks());
  if (!best || best.score <= 0 || (second && second.score >= best.score))
    throw tableFault({ kind: "encoding-unsure", tried: [...SINGLE_BYTE] });
  return best.table;
}

/** Without the byte order mark. */
export async function* decode(chunks: Chunks, encoding: Encoding): AsyncGenerator<string> {
  const decoder = iconv.getDecoder(encoding, { stripBOM: true });
  for await (const chunk of chunks()) yield decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  yield decoder.end() ?? "";
}

/** The first `length` bytes, or fewer where there are no more. */
export async function headOf(chunks: Chunks, length: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of chunks()) {
    parts.push(chunk);
    total += chunk.length;
    if (total >= length) break;
  }
  return new Uint8Array(Buffer.concat(parts).subarray(0, length));
}

/** Characters beyond ASCII that are whole and bytes that are none, and the row of the first such byte, from 1. */
async function countUtf8(chunks: Chunks): Promise<{ whole: number; broken: number; row: number }> {
  let [whole, broken, row, line, wanted, last] = [0, 0, 0, 1, 0, 0];
  let [low, high] = [0x80, 0xbf];
  const breaks = () => {
    broken += 1;
    row ||= line;
    wanted = 0;
  };
  for await (const chunk of chunks()) {
    for (const byte of chunk) {
      if (wanted > 0) {
        if (byte >= low && byte <= high) {
          wanted -= 1;
          [low, high] = [0x80, 0xbf];
          if (wanted === 0) whole += 1;
          last = byte;
          continue;
        }
        breaks();
      }
      if (byte === 0x0a || (last === 0x0d && byte !== 0x0a)) line += 1;
      last = byte;
      if (byte < 0x80) continue;
      // The second byte's range leaves out overlong forms, surrogates and what lies beyond Unicode. @see RFC 3629 §4
      wanted = byte >= 0xc2 && byte <= 0xdf ? 1 : byte >= 0xe0 && byte <= 0xef ? 2 : byte >= 0xf0 && byte <= 0xf4 ? 3 : 0;
      low = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
      high = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
      if (wanted === 0) breaks();
    }
  }
  if (wanted > 0) breaks();
  return { whole, broken, row };
}

/** The share of NULs in even and in odd places. */
function nuls(bytes: Uint8Array): { even: number; odd: number } {
  const pairs = Math.floor(bytes.length / 2);
  const share = (offset: number) => {
    let found = 0;
    for (let at = offset; at < pairs * 2; at += 2) if (bytes[at] === 0) found += 1;
    return pairs === 0 ? 0 : found / pairs;
  };
  return { even: share(0), odd: share(1) };
}
