import { conflict } from "../kit/errors.ts";

type Standing = { readonly role: string; readonly status: string };

/** A workspace keeps at least one administrator who can sign in. */
export function demandAnotherAdmin(before: Standing, after: Standing, otherAdmins: number): void {
  if (isAdmin(before) && !isAdmin(after) && otherAdmins === 0) {
    throw conflict("LAST_ADMIN", "This is the only active administrator. Make somebody else an administrator first.");
  }
}

const isAdmin = ({ role, status }: Standing): boolean => role === "admin" && status === "active";
