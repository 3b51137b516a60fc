import pg from "pg";
import { deniedFields, ownersWithin, scopeOf } from "../../../domain/access/access.ts";
import { invalid } from "../../../domain/kit/errors.ts";
import { compareFolds, fold } from "../../../domain/kit/fold.ts";
import type { Resource } from "../../../domain/kit/resource.ts";
import { likeness } from "../../../domain/search/likeness.ts";
import { type Question, readQuestion } from "../../../domain/search/question.ts";
import { type Corrections, rankOf } from "../../../domain/search/rank.ts";
import type { Hit, Search } from "../../../usecases/search.ts";
import { arrayLiteral } from "../flights/array-literal.ts";
import { type Row, type Step, statement, type Value } from "../flights/statement.ts";
import type { Call } from "../records/call.ts";
import { idList } from "../records/columns.ts";
import { afterPrefix } from "../records/prefix.ts";
import { phonesIn } from "../records/resource-sql.ts";
import { foundKeys } from "./search-sql.ts";

/**
 * Finds records in one flight with one function for each resource; only where nothing is found by the words as they were typed follow
 * all of them by their beginnings, and then what they may have been meant to be.
 */
export function searchPort(call: Call): Search {
  return {
    async find(typed, among, limit) {
      const question = readQuestion(typed, call.definitions.country);
      const ask = async (words: Words, corrections?: Corrections): Promise<readonly Hit[]> => {
        const asked = among.flatMap((resource) => stepOf(resource, { question, words }, call));
        const results = await call
          .read(
            asked.map(({ step }) => step),
            "search",
          )
          .catch(refuse);
        return ranked(asked.flatMap(({ resource }, index) => hitsOf(resource, results[index]?.rows ?? [], { question, corrections })));
      };
      return (await askInTurn(question, ask, call)).slice(0, limit);
    },
  };
}

/** One way of asking: the words that must be there, and what the last or all of them may go on to be. */
type Words = {
  readonly exactly?: string;
  readonly widely?: string;
  /** The beginning of a title, where it is too short for anything else. */
  readonly prefix?: string;
  /** What a reader from whom a field is hidden must find in the others. */
  readonly needles: readonly string[];
};
type Ask = (words: Words, corrections?: Corrections) => Promise<readonly Hit[]>;

async function askInTurn(question: Question, ask: Ask, call: Call): Promise<readonly Hit[]> {
  for (const words of waysToAsk(question, call.definitions.search_code)) {
    const hits = await ask(words);
    if (hits.length) return hits;
  }
  const corrections = question.phones.length ? none : await correct(question.words, call);
  return corrections.size ? ask(corrected(question, corrections, call.definitions.search_code), corrections) : [];
}

const none: Corrections = new Map();

/** Whole words and the last one begun; then all of them begun. What begins as an e-mail address ends is half the workspace, so that comes second. */
function waysToAsk({ whole, words, phones }: Question, code: string): readonly Words[] {
  const [last = ""] = words.slice(-1);
  if (last === "") return [];
  const needles = words;
  const exactly = words.map(lexeme(code)).join(" & ");
  if (words.length === 1 && [...last].length <= 2) return [{ exactly, prefix: last, needles }];
  const widely = [...words.slice(0, -1).map(lexeme(code)), begun(code)(last)].join(" & ");
  if (whole.includes("@"))
    return [
      { exactly, needles },
      { widely, needles },
    ];
  const wider = words.length > 1 && phones.length === 0 ? [{ widely: words.map(begun(code)).join(" & "), needles }] : [];
  return [{ exactly, widely, needles }, ...wider];
}

function corrected({ words }: Question, corrections: Corrections, code: string): Words {
  const either = (word: string) => [begun(code)(word), ...[...(corrections.get(word)?.keys() ?? [])].map(lexeme(code))].join(" | ");
  return { widely: words.map((word) => `(${either(word)})`).join(" & "), needles: words.filter((word) => !corrections.has(word)) };
}

// Words hold letters and digits alone, so nothing in them means anything to a tsquery.
const lexeme = (code: string) => (word: string) => `'${code}${word}'`;
const begun = (code: string) => (word: string) => `'${code}${word}':*`;

const correctWords = statement("select word, meant from correct_words($1::uuid, $2::text[])");
const MOST_MEANT = 3;

/** What each word may have been meant to be, by the words that occur in the workspace's records. */
async function correct(words: readonly string[], call: Call): Promise<Corrections> {
  const [result] = await call.read([[correctWords, [call.tenant, arrayLiteral(words.filter(isCorrectable))]]], "search");
  const meant = new Map<string, (readonly [string, number])[]>();
  for (const [word, other] of result?.rows ?? [])
    if (word && other) meant.set(word, [...(meant.get(word) ?? []), [other, likeness(word, other)]]);
  return new Map(
    [...meant].map(([word, others]) => [word, new Map(others.sort(([, one], [, other]) => other - one).slice(0, MOST_MEANT))]),
  );
}

/** Numbers mean themselves, and of two letters anything could be meant. */
const isCorrectable = (word: string): boolean => [...word].length >= 3 && !/\p{N}/u.test(word);

/** A word so common that its rows are not looked through in time. */
function refuse(error: unknown): never {
  if (error instanceof pg.DatabaseError && error.code === "57014")
    throw invalid("SEARCH_TOO_BROAD", "Too many records may be meant. Type more of the word, or one more word.", "/q");
  throw error;
}

type Asked = { readonly question: Question; readonly words: Words };

/** The step that searches a resource; none where it is out of the actor's reach. */
function stepOf(resource: Resource, { question, words }: Asked, { tenant, actor }: Call): { resource: Resource; step: Step }[] {
  const owners = resource.owner ? ownersWithin(actor, scopeOf(actor, "view", resource)) : "all";
  if (owners !== "all" && owners.length === 0) return [];
  const hidden = deniedFields(actor, resource).filter((key) => foundKeys(resource).includes(key));
  const phones = phonesIn(resource).some((key) => hidden.includes(key)) ? [] : question.phones;
  const prefix = hidden.includes(resource.title) ? undefined : words.prefix;
  const values: readonly Value[] = [
    tenant,
    owners === "all" ? null : idList(owners),
    phones.length ? arrayLiteral(phones) : null,
    words.exactly,
    words.widely,
    prefix,
    prefix === undefined ? null : afterPrefix(prefix),
    hidden.length ? arrayLiteral(hidden) : null,
    hidden.length ? arrayLiteral(words.needles) : null,
  ];
  return [{ resource, step: [searchStatement(resource), values] }];
}

const searchStatement = ({ name }: Resource) =>
  statement(
    `select * from search_${name}($1::uuid, $2::uuid[], $3::text[], $4::tsquery, $5::tsquery, $6::text, $7::text, $8::text[], $9::text[])`,
  );

type Ranking = { readonly question: Question; readonly corrections: Corrections | undefined };

function hitsOf(resource: Resource, rows: readonly Row[], { question, corrections }: Ranking): Hit[] {
  const keys = foundKeys(resource);
  const seen = new Set<string>();
  const hits: Hit[] = [];
  for (const [id, ...texts] of rows) {
    if (!id || seen.has(id)) continue; // by its number and by a word
    seen.add(id);
    const values = Object.fromEntries(keys.map((key, index) => [key, texts[index] ?? null]));
    const { rank, matched } = rankOf(resource, values, question, corrections);
    if (rank === 0) continue; // found by what is hidden from the reader
    const title = values[resource.title] ?? null;
    const beside = [...matched, ...keys].find((key) => key !== resource.title && values[key] && values[key] !== title);
    hits.push({ resource: resource.name, id, title, subtitle: beside ? (values[beside] ?? null) : null, rank, matched });
  }
  return hits;
}

/** The best first; among equals by title. */
function ranked(hits: readonly Hit[]): readonly Hit[] {
  const titles = new Map(hits.map((hit) => [hit, fold(hit.title ?? "")]));
  return [...hits].sort((a, b) => b.rank - a.rank || compareFolds(titles.get(a) ?? "", titles.get(b) ?? "") || (a.id < b.id ? -1 : 1));
}
