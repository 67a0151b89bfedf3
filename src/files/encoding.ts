/** Bytes → text. A byte order mark decides; without one UTF-16 shows by its NULs, UTF-8 by being valid throughout, and what is left is Windows-1252. */

export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "windows-1252";

/** May be read more than once. */
export type Chunks = () => AsyncIterable<Uint8Array>;

const LOOK_AT = 4096;
/** Of the bytes in every other place, in Latin text as UTF-16. */
const MANY_NULS = 0.4;
const FEW_NULS = 0.05;

export async function detectEncoding(chunks: Chunks): Promise<Encoding> {
  const head = await headOf(chunks, LOOK_AT);
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  const { even, odd } = nuls(head);
  if (odd > MANY_NULS && even < FEW_NULS) return "utf-16le";
  if (even > MANY_NULS && odd < FEW_NULS) return "utf-16be";
  return (await isUtf8(chunks)) ? "utf-8" : "windows-1252";
}

/** Without the byte order mark. */
export async function* decode(chunks: Chunks, encoding: Encoding): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks()) yield decoder.decode(chunk, { stream: true });
  yield decoder.decode();
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

async function isUtf8(chunks: Chunks): Promise<boolean> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for await (const chunk of chunks()) decoder.decode(chunk, { stream: true });
    decoder.decode();
    return true;
  } catch (error) {
    if (error instanceof TypeError && "code" in error && error.code === "ERR_ENCODING_INVALID_ENCODED_DATA") return false;
    throw error;
  }
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
