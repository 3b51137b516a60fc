type Values = Readonly<Record<string, unknown>>;

/** Companies and people to look around with: made up, on names that no real address can have, and the same every time. */
export function sampleCompanies(): readonly Values[] {
  return places.flatMap(({ country, cities, names }, p) =>
    names.map((name, n) => {
      const domain = `${slug(name)}.example`;
      return {
        name,
        domain,
        website: `https://${domain}`,
        industry: at(industries, p * 3 + n),
        size_category: at(["micro", "small", "medium", "medium", "large", "enterprise"], p + n * 5),
        tier: at(["none", "none", "bronze", "silver", "gold", "platinum"], p * 2 + n),
        address: { city: at(cities, n), country },
        tags: (p + n) % 4 === 0 ? ["Key account"] : (p + n) % 7 === 0 ? ["Partner"] : [],
      };
    }),
  );
}

/** Three people for each company, in its order. */
export function sampleContacts(): readonly (Values & { readonly company: number })[] {
  return sampleCompanies().flatMap(({ domain }, company) =>
    [0, 1, 2].map((n) => {
      const index = company * 3 + n;
      const first_name = at(firstNames, index * 7 + company);
      const last_name = at(lastNames, index * 11 + n);
      return {
        company,
        first_name,
        last_name,
        email: `${slug(first_name)}.${slug(last_name)}.${index}@${domain}`,
        title: at(titles, index * 5 + n),
        lifecycle: at(["lead", "opportunity", "customer", "customer", "subscriber", "former"], index * 3 + company),
        tags: index % 5 === 0 ? ["Decision maker"] : index % 8 === 0 ? ["Champion"] : [],
      };
    }),
  );
}

const at = <T>(list: readonly T[], n: number): T => list[n % list.length] as T; // every list has entries

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll("ß", "ss")
    .replaceAll("ł", "l")
    .replaceAll("ø", "o")
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

const industries = ["Optics", "Machinery", "Packaging", "Pharma", "Sensors", "Food", "Energy", "Logistics", "Software", "Textiles"];

const places = [
  {
    country: "DE",
    cities: ["Berlin", "Jena", "Stuttgart", "Dresden", "Köln"],
    names: [
      "Halden Optik",
      "Brückner Maschinenbau",
      "Lindhof Verpackung",
      "Kronwerk Optik",
      "Ziegler Hydraulik",
      "Nordfeld Energie",
      "Ostwald Textil",
      "Seeberg Logistik",
      "Tannhain Software",
      "Rosenau Sensorik",
    ],
  },
  {
    country: "CH",
    cities: ["Zürich", "Bern", "Basel"],
    names: ["Helvetia Präzision", "Aaretal Pharma", "Jurablick Uhren", "Säntis Sensors", "Limmat Systems"],
  },
  {
    country: "AT",
    cities: ["Wien", "Graz", "Linz"],
    names: ["Donauwerk Stahl", "Grazer Feinmechanik", "Enns Antriebe", "Wienerwald Papier", "Karawanken Holz"],
  },
  {
    country: "FR",
    cities: ["Lyon", "Lille", "Nantes"],
    names: ["Lambert & Fils", "Atelier Rivière", "Verrerie du Lac", "Loire Énergie", "Cévennes Textile"],
  },
  {
    country: "IT",
    cities: ["Milano", "Torino", "Bologna"],
    names: ["Stelvio Packaging", "Grimaldi Vetro", "Officine Ferraro", "Adige Elettronica", "Monviso Alimentari"],
  },
  {
    country: "PL",
    cities: ["Gdańsk", "Kraków", "Poznań"],
    names: ["Valmet Formowanie", "Wisła Logistyka", "Bursztyn Optyka", "Tatra Maszyny", "Odra Energia"],
  },
  {
    country: "SE",
    cities: ["Göteborg", "Malmö", "Umeå"],
    names: ["Wärtsbo Energi", "Solberg Trä", "Mälaren Medical", "Kattegat Shipping", "Lappland Sensors"],
  },
  {
    country: "GB",
    cities: ["Leeds", "Bristol", "Glasgow"],
    names: ["Finch Robotics", "Harrow Glass", "Tyne Valley Foods", "Mersey Automation", "Pennine Textiles"],
  },
  {
    country: "US",
    cities: ["Austin", "Portland", "Boston"],
    names: ["Acoris Mobility", "Blue Heron Labs", "Cedar Falls Foods", "Juniper Controls", "Redwood Packaging"],
  },
] as const;

const firstNames = [
  "Marlene",
  "Tomasz",
  "Giulia",
  "Henrik",
  "Yuki",
  "Céline",
  "Lukas",
  "Amara",
  "Sofia",
  "Jonas",
  "Petra",
  "Marco",
  "Priya",
  "Stefan",
  "Ewa",
  "Oliver",
  "Ingrid",
  "Noor",
  "Mateo",
  "Hanna",
  "Elif",
  "Rasmus",
  "Chloé",
  "Viktor",
  "Zoë",
];
const lastNames = [
  "Vogt",
  "Zieliński",
  "Ferraro",
  "Aas",
  "Tanabe",
  "Lambert",
  "Hofer",
  "Diallo",
  "Almeida",
  "Wikström",
  "Ziegler",
  "Grimaldi",
  "Raman",
  "Krüger",
  "Nowak",
  "Finch",
  "Solberg",
  "Haddad",
  "Reyes",
  "Lindqvist",
  "Yılmaz",
  "Østergaard",
  "Moreau",
  "Petrov",
  "Müller",
  "Groß",
];
const titles = [
  "Head of purchasing",
  "VP Manufacturing",
  "Plant manager",
  "Quality engineer",
  "Managing director",
  "Head of R&D",
  "Project manager",
  "Buyer",
  "CFO",
  "Operations lead",
];
