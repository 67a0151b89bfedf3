import { crc32, deflateRawSync } from "node:zlib";

type Entry = { name: string; data: Uint8Array; /** What the directory says instead of the truth. */ declared?: number };

/** A ZIP archive, also an untruthful one. */
export function zip(entries: Entry[]): Uint8Array {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, declared } of entries) {
    const packed = deflateRawSync(data);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(declared ?? data.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), fields, Buffer.from(name), packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\u0000"), fields, place, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006");
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return new Uint8Array(Buffer.concat([...parts, listed, end]));
}

const NS = "http://schemas.openxmlformats.org";
const REL = `${NS}/officeDocument/2006/relationships`;

/** A workbook of one sheet out of its raw XML. */
export function workbook(sheet: string, others: Entry[] = []): Uint8Array {
  const xml = (name: string, text: string) => ({ name, data: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>${text}`) });
  return zip([
    xml("[Content_Types].xml", `<Types xmlns="${NS}/package/2006/content-types"/>`),
    xml("_rels/.rels", `<Relationships><Relationship Id="rId1" Type="${REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>`),
    xml("xl/workbook.xml", `<workbook xmlns:r="${REL}"><sheets><sheet name="Users" sheetId="1" r:id="rId1"/></sheets></workbook>`),
    xml(
      "xl/_rels/workbook.xml.rels",
      `<Relationships><Relationship Id="rId1" Type="${REL}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${REL}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    ),
    { name: "xl/worksheets/sheet1.xml", data: Buffer.from(sheet) },
    ...others,
  ]);
}
