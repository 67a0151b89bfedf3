/** The return path of one mail: a bounce comes back to an address that names the delivery and cannot be forged. @see RFC 5321 §4.4 */
import { createHmac, timingSafeEqual } from "node:crypto";

export type ReturnPath = { organisationId: number; deliveryId: number };

/** 80 bits: short enough for a local part of 64, far beyond guessing. */
const MAC_BYTES = 10;
const LOCAL_PART = /^b-(\d{1,15})-(\d{1,15})-([0-9a-f]{20})$/i;

function macOf({ organisationId, deliveryId }: ReturnPath, secret: string): Buffer {
  return createHmac("sha256", secret).update(`bounce|${organisationId}|${deliveryId}`).digest().subarray(0, MAC_BYTES);
}

export function returnPath(of: ReturnPath, domain: string, secret: string): string {
  return `b-${of.organisationId}-${of.deliveryId}-${macOf(of, secret).toString("hex")}@${domain}`;
}

/** The delivery a return path names; undefined when it is not one of ours. Case does not matter: some servers change it. */
export function readReturnPath(address: string, domain: string, secret: string): ReturnPath | undefined {
  const cut = address.lastIndexOf("@");
  if (address.slice(cut + 1).toLowerCase() !== domain.toLowerCase()) return undefined;
  const [, organisation, delivery, mac] = LOCAL_PART.exec(address.slice(0, cut)) ?? [];
  if (organisation === undefined || delivery === undefined || mac === undefined) return undefined;
  const of = { organisationId: Number(organisation), deliveryId: Number(delivery) };
  return timingSafeEqual(Buffer.from(mac.toLowerCase(), "hex"), macOf(of, secret)) ? of : undefined;
}
