import { preferences } from "./preferences.ts";

/** The server speaks English; what it refuses around signing in and settings is said in German here, by its code. */
const german: Readonly<Record<string, string>> = {
  SIGN_IN_FAILED: "Das hat nicht gestimmt. Prüfe deine Angaben und versuche es noch einmal.",
  TOO_MANY_ATTEMPTS: "Zu viele Versuche. Versuche es in {retry_after} Sekunden noch einmal.",
  RATE_LIMITED: "Zu viele Anfragen. Versuche es gleich noch einmal.",
  NO_WORKSPACE: "Dein Konto gehört zurzeit zu keinem Arbeitsbereich. Bitte eine Administratorin oder einen Administrator um Zugang.",
  SIGN_UP_CLOSED: "Registrieren ist hier nicht möglich. Lass dich einladen.",
  EMAIL_TAKEN: "Mit dieser E-Mail-Adresse gibt es schon ein Konto. Melde dich an.",
  WORKSPACE_EXISTS: "Einen Arbeitsbereich dieses Namens gibt es schon. Wähle einen anderen Namen.",
  PASSWORD_TOO_SHORT: "Wähle ein Passwort mit mindestens 10 Zeichen.",
  PASSWORD_TOO_LONG: "Wähle ein Passwort mit höchstens 200 Zeichen.",
  PASSWORD_TOO_COMMON: "Wähle ein Passwort, das schwerer zu erraten ist; drei Wörter ohne Zusammenhang sind ein guter Anfang.",
  PASSWORD_IS_EMAIL: "Wähle ein Passwort, das nicht deine E-Mail-Adresse ist.",
  PASSWORD_WRONG: "Das ist nicht dein Passwort.",
  CODE_WRONG: "Dieser Code stimmt nicht oder wurde schon benutzt.",
  TOTP_SETUP_EXPIRED: "Das hat zu lange gedauert. Fang noch einmal an.",
  TOTP_ACTIVE: "Ein zweiter Faktor ist schon eingerichtet. Entferne ihn zuerst.",
  TOTP_INACTIVE: "Es ist kein zweiter Faktor eingerichtet.",
  PASSKEY_REFUSED: "Dieser Passkey ließ sich nicht prüfen. Fang noch einmal an.",
  PASSKEY_KNOWN: "Dieser Passkey ist schon eingerichtet.",
  RESET_LINK_EXPIRED: "Dieser Link gilt nicht mehr. Fordere einen neuen an.",
  INVITATION_NOT_FOUND: "Diese Einladung gilt nicht mehr. Bitte um eine neue.",
  INVITATION_ACCEPTED: "Diese Einladung ist schon angenommen.",
  INVITATION_REVOKED: "Diese Einladung ist zurückgenommen.",
  ALREADY_MEMBER: "Wer diese E-Mail-Adresse hat, ist schon Mitglied.",
  ACCOUNT_SESSION_REQUIRED:
    "Du bist über den Identitätsanbieter deines Arbeitsbereichs angemeldet. Melde dich mit Passwort oder Passkey an, um dein Konto zu ändern.",
  PERSON_REQUIRED: "Das kann nur eine angemeldete Person.",
  SINGLE_SIGN_ON_MISSING: "Kein Arbeitsbereich dieses Namens meldet über einen Identitätsanbieter an.",
  SINGLE_SIGN_ON_REFUSED: "Der Identitätsanbieter hat die Anmeldung nicht bestätigt. Fang noch einmal an.",
  IDENTITY_PROVIDER_UNAVAILABLE: "Der Identitätsanbieter antwortet nicht. Versuche es später noch einmal.",
  ISSUER_INVALID: "Gib die https-Adresse des Identitätsanbieters an, so wie er sich selbst nennt.",
  ISSUER_UNUSABLE: "Unter dieser Adresse antwortet kein brauchbarer Identitätsanbieter.",
  ROLE_EXCEEDS_YOURS: "Diese Rolle erlaubt mehr als deine. Bitte eine Administratorin oder einen Administrator.",
  LAST_ADMIN: "Das ist die einzige aktive Person mit der Rolle Administration. Gib zuerst jemand anderem diese Rolle.",
  IN_USE: "Mitglieder, Schlüssel oder Einladungen haben diese Rolle ({count}). Gib ihnen zuerst eine andere.",
  REFERENCE_NOT_FOUND: "Das gibt es nicht mehr. Lade die Seite neu.",
  EXPIRES_IN_THE_PAST: "Wähle einen Zeitpunkt in der Zukunft.",
  DUPLICATE: "Das gibt es schon. Wähle einen anderen Wert.",
  VERSION_CONFLICT: "Das hat inzwischen jemand geändert. Lade die Seite neu und versuche es noch einmal.",
  REQUIRED: "Fülle dieses Feld aus.",
  EMAIL_INVALID: "Gib eine E-Mail-Adresse an, zum Beispiel anna@halden.example.",
  SAMPLE_DATA_PRESENT: "Die Beispieldaten sind schon da. Entferne sie zuerst, um sie neu anzulegen.",
  FORBIDDEN: "Deine Rolle erlaubt das nicht. Bitte eine Administratorin oder einen Administrator.",
  NOT_FOUND: "Das gibt es nicht mehr.",
};

/** The sentence of a code in the language of the interface; the server's own one where we have none. */
export function ownWords(code: string, message: string, details: Readonly<Record<string, unknown>> = {}): string {
  const sentence = preferences().language === "de" ? german[code] : undefined;
  return sentence?.replace(/\{(\w+)\}/g, (_, name: string) => String(details[name] ?? "?")) ?? message;
}
