import { emailKey } from "../kit/email.ts";
import type { Fault } from "../kit/errors.ts";

/** The one form in which a password is stored and compared, whatever keyboard it was typed on. */
export const normalPassword = (typed: string): string => typed.normalize("NFKC");

/** What is wrong with a new password, or nothing. */
export function passwordFault(typed: unknown, email: string, pointer = "/password"): Fault | null {
  const fault = (code: string, message: string): Fault => ({ pointer, code, message });
  if (typeof typed !== "string") return fault("TYPE", "Send the password as a text.");
  const password = normalPassword(typed);
  const length = [...password].length;
  if (length < shortest) return fault("PASSWORD_TOO_SHORT", `Choose a password of at least ${shortest} characters.`);
  if (length > longest) return fault("PASSWORD_TOO_LONG", `Choose a password of at most ${longest} characters.`);
  if (password.includes("\0")) return fault("NUL", "Take out the NUL character.");
  if (emailKey(password) === emailKey(email)) return fault("PASSWORD_IS_EMAIL", "Choose a password that is not your e-mail address.");
  if (isCommon(password))
    return fault("PASSWORD_TOO_COMMON", "Choose a password that is harder to guess; three unrelated words are a good start.");
  return null;
}

const shortest = 10;
const longest = 200;

/** Among the first that anyone tries, one character over and over, or a run of the keyboard. */
function isCommon(password: string): boolean {
  const plain = password.toLowerCase();
  return commonest.has(plain) || new Set(plain).size < 3 || runs.some((run) => run.includes(plain));
}

const letters = "abcdefghijklmnopqrstuvwxyz";
const digits = "01234567890123456789";
const forwards = [digits, letters, "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "azertyuiopqsdfghjklmwxcvbn"];
const runs = [...forwards, ...forwards.map((run) => [...run].reverse().join(""))];

// Of published lists of leaked passwords, those that are long enough to be chosen here.
const commonest = new Set(
  `password12 password123 password1234 password12345 password123456 password1! password12! password123! password@123 passw0rd12 passw0rd123
   p@ssw0rd12 p@ssw0rd123 p@ssword123 passwordpassword mypassword mypassword1 changeme123 changeme1234 letmein123 letmein1234 letmeinplease
   welcome123 welcome1234 welcome2024 welcome2025 welcome2026 administrator admin12345 admin123456 adminadmin administrator1 root123456
   qwerty1234 qwerty12345 qwerty123456 qwertyqwerty qwertyuiop1 qwertyuiop123 1qaz2wsx3edc 1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u q1w2e3r4t5 q1w2e3r4t5y6
   zaq12wsxcde3 asdfghjkl1 asdfghjkl123 asdfasdfasdf abc1234567 abcd123456 abcd1234567 abc123abc123 a123456789 a1234567890 aa12345678 aa123456789
   123456789a 123456789q 1234567891 12345678910 123456789123 1234512345 123123123123 1231231231 123321123321 1122334455 112233445566 0987654321 9876543210
   1029384756 147258369 1472583690 741852963 7418529630 1111111112 iloveyou12 iloveyou123 iloveyou1234 iloveyouforever football12 football123 baseball12 baseball123
   basketball basketball1 liverpool1 liverpool123 chelsea123 arsenal123 superman12 superman123 batman1234 spiderman1 spiderman123 pokemon123 starwars12 starwars123
   princess12 princess123 sunshine12 sunshine123 monkey1234 dragon1234 michael123 michelle12 charlie123 jennifer12 jessica123 ashley1234 trustno1trustno1
   computer12 computer123 internet12 internet123 whatever12 whatever123 freedom123 summer2024 summer2025 summer2026 winter2024 winter2025 winter2026 spring2025 spring2026
   secret1234 secret12345 test123456 test1234567 testtest12 testtest123 testtesttest guest12345 user123456 demo123456 default123 unknown123 hello12345 hello123456 helloworld helloworld1
   passwort12 passwort123 passwort1234 geheim1234 geheim12345 hallo12345 hallo123456 willkommen willkommen1 schatz1234 sommer2024 sommer2025 sommer2026 ficken1234 arschloch1 fussball12 fussball123 schalke04schalke
   correcthorsebatterystaple rapportrapport rapport123 rapport1234 rapport12345`
    .split(/\s+/)
    .filter(Boolean),
);
