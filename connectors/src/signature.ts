// Signatures of webhooks, over the raw body, compared in constant time.
import { createHmac, timingSafeEqual } from "node:crypto";

export const hmacHex = (secret: string, ...parts: (string | Buffer)[]): string => {
  const hmac = createHmac("sha256", secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
};

/** Equal texts? Takes as long for any two of one length. */
export function sameText(a: string, b: string): boolean {
  const x = Buffer.from(a);
  const y = Buffer.from(b);
  return x.length === y.length && timingSafeEqual(x, y);
}

/** `sha256=<hex>`, as Meta's platforms sign (X-Hub-Signature-256) and our own webhooks do. */
export function signedWith(secret: string, header: string | undefined, ...parts: (string | Buffer)[]): boolean {
  return header !== undefined && sameText(header, `sha256=${hmacHex(secret, ...parts)}`);
}
