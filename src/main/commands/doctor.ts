import { type Command, command } from "../command.ts";
import { ConfigurationFaults } from "../configuration.ts";
import { examine, type Finding } from "../examine.ts";

/** Looks at everything that keeps an installation from working, and says in plain words what to do. */
export const doctor: Command = command({
  name: "doctor",
  summary: "Say what is wrong with this installation",
  options: { json: { help: "Print the findings as JSON" } },
  notes: ["Exits with 1 where something stops the product; what is only advice leaves 0."],
  run: async ({ given, configuration, print }) => {
    const findings = await read();
    if (given.has("json")) print(JSON.stringify(findings));
    else for (const { state, about, sentence } of findings) print(`${marks[state]}  ${about.padEnd(WIDTH)}  ${sentence}`);
    const stops = findings.filter(({ state }) => state === "fault").length;
    if (!given.has("json"))
      print(stops ? `\n${stops === 1 ? "One thing stops" : `${stops} things stop`} the product.` : "\nNothing stops the product.");
    return stops ? 1 : 0;

    async function read(): Promise<readonly Finding[]> {
      try {
        return await examine(configuration());
      } catch (error) {
        if (!(error instanceof ConfigurationFaults)) throw error;
        return error.faults.map((sentence) => ({ about: "configuration", state: "fault", sentence }));
      }
    }
  },
});

const marks = { good: "ok  ", advice: "note", fault: "STOP" } as const;
const WIDTH = 14;
