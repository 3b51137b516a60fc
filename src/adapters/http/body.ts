import { isUtf8 } from "node:buffer";
import { invalid } from "../../domain/kit/errors.ts";
import { ProtocolError } from "./protocol-error.ts";

/** Bodies over 10 MB are refused. */
export const longestBody = 10 * 1024 * 1024;

/** How deep the values of a body may nest. */
export const deepestBody = 64;

/** Reads the JSON of a body; nothing sent reads as `undefined`. */
export function parseBody(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  if (!isUtf8(bytes)) throw new ProtocolError(400, "BODY_NOT_UTF8", "The body is not valid UTF-8. Send it in that encoding.");
  if (isTooDeep(bytes)) throw invalid("TOO_DEEP", `The body nests deeper than ${deepestBody} levels.`);
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8"));
  } catch {
    throw new ProtocolError(400, "BODY_NOT_JSON", "The body is not JSON. Check commas, quotes and brackets.");
  }
}

/** Whether brackets nest too deep for what walks over a value to keep its stack; asked before there is a value. */
export function isTooDeep(bytes: Uint8Array): boolean {
  if (bytes.length <= deepestBody) return false;
  let depth = 0;
  let isInText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isInText) {
      if (byte === backslash) at++;
      else if (byte === quote) isInText = false;
    } else if (byte === quote) isInText = true;
    else if (byte === openBracket || byte === openBrace) {
      if (++depth > deepestBody) return true;
    } else if (byte === closeBracket || byte === closeBrace) depth--;
  }
  return false;
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [...'"\\[]{}'].map((sign) => sign.charCodeAt(0));
