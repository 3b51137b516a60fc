import nodemailer from "nodemailer";
import { parseEmail } from "../../domain/kit/email.ts";
import type { Letter, Mail } from "../../usecases/identity/ports.ts";
import { write } from "./letters.ts";

type Given = {
  /** `smtp://user:password@host:587` or `smtps://…`; null where there is no mail server. */
  readonly url: string | null;
  /** Who the letters are from, such as `Rapport <crm@example.com>`. */
  readonly from: string | null;
  /** Hears that a letter could not be sent: its kind and the cause, never its text, its link or its reader. */
  readonly onFailure: (failure: { readonly kind: Letter["kind"]; readonly attempts: number; readonly cause: string }) => void;
  /** Milliseconds before the second attempt; each further one waits twice as long. */
  readonly patience?: number;
};

export type OpenMail = Mail & {
  /** Waits for the letters under way, ten seconds at most. */
  readonly close: () => Promise<void>;
};

/** The mail server of the installation, or the absence of one. */
export function openMail({ url, from, onFailure, patience = 2_000 }: Given): OpenMail {
  if (!url) return { configured: false, post: () => {}, close: async () => {} };
  const transport = nodemailer.createTransport(url, {
    disableFileAccess: true,
    disableUrlAccess: true,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 30_000,
  } as object);
  const sender = senderOf(from, url);
  const underWay = new Set<Promise<void>>();
  let isClosing = false;

  async function deliver(letter: Letter): Promise<void> {
    const { subject, text, html } = write(letter);
    for (let attempts = 1; ; attempts++) {
      try {
        await transport.sendMail({
          from: sender,
          to: { name: "", address: addressee(letter.to) },
          subject,
          text,
          html,
          headers: { "Auto-Submitted": "auto-generated" },
        });
        return;
      } catch (error) {
        if (attempts < 4 && !isClosing && mayPass(error))
          await new Promise((resolve) => setTimeout(resolve, patience * 2 ** (attempts - 1)).unref());
        else return onFailure({ kind: letter.kind, attempts, cause: causeOf(error) });
      }
    }
  }

  return {
    configured: true,
    post(letter) {
      if (underWay.size >= mostUnderWay) return onFailure({ kind: letter.kind, attempts: 0, cause: "QUEUE_FULL" });
      // Not even writing the letter keeps the answer waiting: it would tell whether there is a reader.
      const delivery: Promise<void> = nextTurn()
        .then(() => deliver(letter))
        .finally(() => underWay.delete(delivery));
      underWay.add(delivery);
    },
    async close() {
      isClosing = true;
      await Promise.race([Promise.all(underWay), new Promise((resolve) => setTimeout(resolve, 10_000).unref())]);
      transport.close();
    },
  };
}

const mostUnderWay = 1_000;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** An address that is one address, or none at all: nothing in it can begin another header or another recipient. */
function addressee(text: string): string {
  const parsed = parseEmail(text);
  if (!parsed.ok || /[\r\n]/.test(text)) throw Object.assign(new Error(), { code: "ADDRESS_INVALID", responseCode: 550 });
  return parsed.value;
}

function senderOf(from: string | null, url: string): { name: string; address: string } {
  const [, name = "", address = ""] =
    /^\s*(?:"?([^"<>\r\n]*?)"?\s*<)?([^<>\s]+@[^<>\s]+?)>?\s*$/.exec(from ?? `Rapport <rapport@${new URL(url).hostname}>`) ?? [];
  if (!parseEmail(address).ok) throw new Error("MAIL_FROM is not an e-mail address: write it as Rapport <crm@example.com>.");
  return { name: name.trim(), address };
}

/** A refusal for good (5xx) is not tried again. */
function mayPass(error: unknown): boolean {
  const { responseCode = 0 } = error as { responseCode?: number };
  return responseCode < 500;
}

/** The code of a failure: what servers say may quote the letter. */
function causeOf(error: unknown): string {
  const { code, responseCode } = error as { code?: string; responseCode?: number };
  return [code ?? "FAILED", responseCode].filter(Boolean).join(" ");
}
