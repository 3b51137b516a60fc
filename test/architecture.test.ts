import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, expect, test } from "vitest";

/** Who may import what: the first rule whose folder holds the file decides. Packages are named, or `*` for any. */
type Rule = { readonly of: RegExp; readonly files: readonly RegExp[]; readonly packages: readonly string[] };

const PURE = ["typebox", "libphonenumber-js", "tldts", "re2js"];
const rules: Readonly<Record<string, Rule>> = {
  domain: { of: /^src\/domain\//, files: [/^src\/domain\//], packages: PURE },
  "use-cases": { of: /^src\/usecases\//, files: [/^src\/domain\//, /^src\/usecases\//], packages: ["typebox"] },
  main: { of: /^src\/main(\.ts$|\/)/, files: [/./], packages: ["*"] },
  web: { of: /^web\//, files: [/^web\//, /^src\/domain\//, /^src\/usecases\//, /^src\/adapters\/http\/addresses\.ts$/], packages: ["*"] },
};
const adapter = (name: string): Rule => ({
  of: new RegExp(`^src/adapters/${name}/`),
  files: [/^src\/domain\//, /^src\/usecases\//, new RegExp(`^src/adapters/${name}/`)],
  packages: ["*"],
});

/** Adapters that speak through another one, each with its reason. */
const exceptions: Readonly<Record<string, RegExp>> = {};

const sources = (folder: string): string[] =>
  readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return sources(path);
    return /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name) ? [path] : [];
  });

type Import = { readonly from: string; readonly to: string; readonly isType: boolean };

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const found = [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?["']([^"']+)["']/g),
    ...text.matchAll(/\bimport\(\s*(type\s+)?["']([^"']+)["']\s*\)/g),
  ];
  return found.map(([, type, to = ""]) => ({
    from: file,
    to: to.startsWith(".") ? normalize(join(dirname(file), to)) : to,
    isType: type !== undefined,
  }));
}

function broken(rule: Rule, files: readonly string[]): string[] {
  return files.flatMap(importsOf).flatMap(({ from, to, isType }) => {
    const isFile = to.startsWith("src/") || to.startsWith("web/") || to.startsWith("../");
    const name = to.startsWith("@") ? to.split("/").slice(0, 2).join("/") : (to.split("/")[0] ?? to);
    const good = isFile
      ? rule.files.some((allowed) => allowed.test(to)) || exceptions[from]?.test(to)
      : rule.packages.includes("*") || rule.packages.includes(name);
    const nodeInWeb = from.startsWith("web/") && (to.startsWith("node:") || ["pg", "fastify"].includes(name)) && !from.includes("vite");
    const runsUsecases = from.startsWith("web/") && to.startsWith("src/usecases/") && !isType;
    return good && !nodeInWeb && !runsUsecases ? [] : [`${from} imports ${to}`];
  });
}

const all = [...sources("src"), ...sources("web")].map((path) => relative(".", path));

describe("the folders are the diagram", () => {
  for (const [name, rule] of Object.entries(rules)) {
    test(`${name} imports only what it may`, () => {
      const files = all.filter((file) => rule.of.test(file));
      expect(files.length, `no file of ${name} was seen`).toBeGreaterThan(0);
      expect(files.flatMap(importsOf).length, `no import of ${name} was seen`).toBeGreaterThan(0);
      expect(broken(rule, files)).toEqual([]);
    });
  }

  test("an adapter imports no other adapter", () => {
    const names = readdirSync("src/adapters").filter((name) => statSync(join("src/adapters", name)).isDirectory());
    expect(names.length).toBeGreaterThan(1);
    const faults = names.flatMap((name) =>
      broken(
        adapter(name),
        all.filter((file) => adapter(name).of.test(file)),
      ),
    );
    expect(faults).toEqual([]);
  });

  test("only tests and the program itself start from main", () => {
    const importers = all
      .flatMap(importsOf)
      .filter(({ from, to }) => /^src\/main(\.ts$|\/)/.test(to) && !/^src\/main(\.ts$|\/)/.test(from));
    expect(importers).toEqual([]);
  });

  test("the domain knows no clock, no chance, no environment and no promise", () => {
    const files = all.filter((file) => file.startsWith("src/domain/"));
    expect(files.length).toBeGreaterThan(20);
    const impure = /\b(Date\.now|new Date\(\)|Math\.random|process\.|performance\.|fetch\(|setTimeout|crypto\.|async |await )/;
    const faults = files.filter((file) => impure.test(readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")));
    expect(faults).toEqual([]);
  });
});
