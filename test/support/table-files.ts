import { Buffer } from "node:buffer";
import type { Chunks } from "../../src/files/encoding.ts";

/** A file in memory, handed out in small odd pieces so that characters and line endings fall across them. */
export function chunksOf(bytes: Uint8Array | string, size = 7): Chunks {
  const whole = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
  return async function* pieces() {
    await Promise.resolve();
    for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
  };
}

const WINDOWS_1252: Record<string, number> = { "€": 0x80, "–": 0x96, "’": 0x92 };

/** `text` in an encoding a spreadsheet may save. */
export function encoded(text: string, encoding: string): Uint8Array {
  switch (encoding) {
    case "utf-8":
      return Buffer.from(text);
    case "utf-8 with BOM":
      return Buffer.from(`\uFEFF${text}`);
    case "utf-16le":
      return Buffer.from(text, "utf16le");
    case "utf-16le with BOM":
      return Buffer.from(`\uFEFF${text}`, "utf16le");
    case "utf-16be":
      return Buffer.from(text, "utf16le").swap16();
    case "utf-16be with BOM":
      return Buffer.from(`\uFEFF${text}`, "utf16le").swap16();
    case "windows-1252":
      return Uint8Array.from(text, (character) => WINDOWS_1252[character] ?? character.charCodeAt(0));
    default:
      throw new Error(`no encoding ${encoding}`);
  }
}
