import { type DomainError, forbidden, notFound } from "../kit/errors.ts";

/** Why nobody may sign up for themselves any more. */
export const signUpClosed = (): DomainError =>
  forbidden("Sign-up is closed here. Ask an administrator for an invitation.", "SIGN_UP_CLOSED");

/** One answer for a link that is unknown, used, expired or taken back. */
export const invitationGone = (): DomainError =>
  notFound("This invitation is not good any more. Ask for a new one.", "INVITATION_NOT_FOUND");
