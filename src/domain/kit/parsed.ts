import type { Fault } from "./errors.ts";

/** What comes of reading a typed text: the value, or the reason it cannot be read. */
export type Parsed<T> = { ok: true; value: T } | Unread;

/** Why a typed text could not be read: a stable code, a sentence that says what to do and, for a value of parts, every fault in it. */
export type Unread = { ok: false; code: string; message: string; faults?: readonly Fault[] };

export const read = <T>(value: T): Parsed<T> => ({ ok: true, value });

export const unread = (code: string, message: string): Unread => ({ ok: false, code, message });
