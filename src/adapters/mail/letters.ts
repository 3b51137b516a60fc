import type { Letter } from "../../usecases/identity/ports.ts";

/** A letter as it is sent: the same words as plain text and as simple HTML. */
export type Written = { readonly subject: string; readonly text: string; readonly html: string };

/** Writes a letter in its language. */
export function write(letter: Letter): Written {
  const { subject, lines, link } = words(letter);
  const text = [...lines, ...(link ? [link.url] : [])].join("\n\n");
  const paragraphs = lines.map((line) => `<p>${inHtml(line)}</p>`).join("\n");
  const button = link ? `\n<p><a href="${inHtml(link.url)}">${inHtml(link.label)}</a></p>\n<p>${inHtml(link.url)}</p>` : "";
  return {
    subject: oneLine(subject),
    text: `${text}\n`,
    html: `<!doctype html>\n<html lang="${letter.language}"><head><meta charset="utf-8"><title>${inHtml(oneLine(subject))}</title></head>\n<body>\n${paragraphs}${button}\n</body></html>\n`,
  };
}

type Words = {
  readonly subject: string;
  readonly lines: readonly string[];
  readonly link: { readonly url: string; readonly label: string } | null;
};

function words(letter: Letter): Words {
  const german = letter.language === "de";
  switch (letter.kind) {
    case "invitation":
      return {
        subject: german ? `${letter.inviter} lädt Sie zu ${letter.workspace} ein` : `${letter.inviter} invites you to ${letter.workspace}`,
        lines: german
          ? [
              `${letter.inviter} lädt Sie ein, in Rapport bei „${letter.workspace}“ mitzuarbeiten.`,
              "Die Einladung gilt sieben Tage und für eine Person.",
            ]
          : [
              `${letter.inviter} invites you to work in “${letter.workspace}” on Rapport.`,
              "The invitation is good for seven days and for one person.",
            ],
        link: { url: letter.link, label: german ? "Einladung annehmen" : "Accept the invitation" },
      };
    case "password_reset":
      return {
        subject: german ? "Neues Passwort für Rapport" : "A new password for Rapport",
        lines: german
          ? [
              "Über diese Adresse können Sie ein neues Passwort wählen. Sie gilt eine Stunde und einmal.",
              "Wenn Sie das nicht angefordert haben, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.",
            ]
          : [
              "With this address you can choose a new password. It is good for one hour and for one use.",
              "If you did not ask for it, there is nothing to do: your password stays as it is.",
            ],
        link: { url: letter.link, label: german ? "Neues Passwort wählen" : "Choose a new password" },
      };
    case "password_changed":
      return {
        subject: german ? "Ihr Passwort für Rapport wurde geändert" : "Your password for Rapport was changed",
        lines: german
          ? [
              "Ihr Passwort wurde soeben geändert, und alle anderen Sitzungen wurden beendet.",
              "Wenn Sie das nicht waren, fordern Sie auf der Anmeldeseite ein neues Passwort an und sagen Sie Ihrer Administratorin oder Ihrem Administrator Bescheid.",
            ]
          : [
              "Your password was changed just now, and all other sessions were ended.",
              "If this was not you, ask for a new password on the sign-in page and tell your administrator.",
            ],
        link: null,
      };
  }
}

/** A subject is one line: whatever could begin another header is a blank. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const inHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => escapes[character] ?? "");
