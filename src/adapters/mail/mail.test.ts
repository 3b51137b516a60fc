import { createServer, type Server } from "node:net";
import { afterEach, expect, test } from "vitest";
import type { Letter } from "../../usecases/identity/ports.ts";
import { write } from "./letters.ts";
import { openMail } from "./mail.ts";

const invitation: Letter = {
  kind: "invitation",
  to: "jonas@halden.example",
  language: "en",
  link: "https://crm.example/join#token=rpo_secret",
  workspace: "Halden",
  inviter: "Anna",
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

test("a letter is delivered with its link, from the sender of the installation", async () => {
  const { url, received } = await aMailServer();
  const mail = openMail({ url, from: "Rapport <crm@halden.example>", onFailure: fail });
  mail.post(invitation);
  await mail.close();
  expect(received).toHaveLength(1);
  expect(received[0]).toContain("MAIL FROM:<crm@halden.example>");
  expect(received[0]).toContain("RCPT TO:<jonas@halden.example>");
  expect(received[0]?.replaceAll("=\r\n", "").replaceAll("=3D", "=")).toContain("https://crm.example/join#token=rpo_secret");
});

test("nothing in a name, a workspace or an address can add a header or a recipient", async () => {
  const { url, received } = await aMailServer();
  const failures: unknown[] = [];
  const mail = openMail({ url, from: null, onFailure: (failure) => failures.push(failure) });
  mail.post({ ...invitation, inviter: "Eve\r\nBcc: all@victim.example", workspace: "W\nX-Evil: 1\u2028Subject: hi" });
  mail.post({ ...invitation, to: "a@b.example\r\nRCPT TO:<c@d.example>" });
  mail.post({ ...invitation, to: "a@b.example, c@d.example" });
  await mail.close();
  expect(received).toHaveLength(1);
  const head = received[0]?.split("\r\n\r\n")[0] ?? "";
  expect(head).toMatch(/Subject:/);
  expect(head).not.toMatch(/^(Bcc|X-Evil):/im);
  expect(head.match(/^Subject:/gim)).toHaveLength(1);
  expect(received[0]?.match(/RCPT TO/g)).toHaveLength(1);
  expect(failures).toHaveLength(2);
});

test("a mail server that fails for a moment is tried again, and what is told of a failure holds nothing secret", async () => {
  const { url, received } = await aMailServer({ failures: 1 });
  const mail = openMail({ url, from: null, patience: 1, onFailure: fail });
  mail.post(invitation);
  await expect.poll(() => received.length).toBe(1);
  await mail.close();

  const failures: unknown[] = [];
  const dead = openMail({ url: "smtp://127.0.0.1:1", from: null, patience: 1, onFailure: (failure) => failures.push(failure) });
  dead.post(invitation);
  await expect.poll(() => failures.length).toBe(1);
  expect(failures[0]).toMatchObject({ kind: "invitation", attempts: 4 });
  expect(JSON.stringify(failures)).not.toMatch(/rpo_|jonas/);
});

test("without a mail server nothing is sent, and whoever asks can tell", () => {
  const mail = openMail({ url: null, from: null, onFailure: fail });
  expect(mail.configured).toBe(false);
  mail.post(invitation);
});

test("a sender that is no address stops the start with a plain sentence", () => {
  expect(() => openMail({ url: "smtp://localhost", from: "nobody", onFailure: fail })).toThrow(/MAIL_FROM/);
});

test("letters speak the reader's language, and HTML shows names as they are", () => {
  const letters: Letter[] = [
    invitation,
    { kind: "password_reset", to: "a@b.example", language: "en", link: "https://crm.example/r" },
    { kind: "password_changed", to: "a@b.example", language: "en" },
  ];
  for (const letter of letters) {
    const english = write(letter);
    const german = write({ ...letter, language: "de" });
    expect(german.subject).not.toBe(english.subject);
    expect(german.text).not.toBe(english.text);
    expect(german.html).toContain('lang="de"');
  }
  expect(write({ ...invitation, inviter: "<b>Eve</b>" }).html).toContain("&lt;b&gt;Eve&lt;/b&gt;");
});

const fail = (failure: unknown): never => {
  throw new Error(`Not expected: ${JSON.stringify(failure)}`);
};

/** A mail server of a few lines that keeps what it was told. */
async function aMailServer({ failures = 0 } = {}): Promise<{ url: string; received: string[] }> {
  const received: string[] = [];
  let left = failures;
  const server = createServer((socket) => {
    let talk = "";
    let inData = false;
    const say = (line: string) => socket.write(`${line}\r\n`);
    say("220 here");
    let buffer = "";
    socket.on("data", (chunk) => {
      buffer += chunk.toString();
      for (let end = buffer.indexOf("\r\n"); end >= 0; end = buffer.indexOf("\r\n")) {
        const line = buffer.slice(0, end);
        buffer = buffer.slice(end + 2);
        talk += `${line}\r\n`;
        if (inData) {
          if (line !== ".") continue;
          inData = false;
          received.push(talk);
          say("250 kept");
        } else if (/^(EHLO|HELO)/.test(line)) say("250 here");
        else if (/^MAIL/.test(line) && left > 0) {
          left--;
          say("451 later");
        } else if (/^DATA/.test(line)) {
          inData = true;
          say("354 go on");
        } else if (/^QUIT/.test(line)) {
          say("221 bye");
          socket.end();
        } else say("250 fine");
      }
    });
    socket.on("error", () => {});
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { url: `smtp://127.0.0.1:${port}?ignoreTLS=true`, received };
}
