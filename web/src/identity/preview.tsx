import { contacts } from "../../../src/domain/contacts/contact.ts";
import { sampleCompanies, sampleContacts } from "../../../src/domain/sample-data/sample-data.ts";
import { Avatar } from "../kit/avatar.tsx";
import { Status, Tag } from "../kit/signs.tsx";
import { useWords } from "../kit/words.ts";

const companies = sampleCompanies();
const rows = sampleContacts()
  .filter((_, index) => index % 5 === 0 || index % 8 === 3)
  .slice(0, 16);
const options = contacts.fields.lifecycle.options ?? [];

/** A cut of the contacts as they will stand in the product, made of the sample data. */
export function Preview() {
  const { label, many, t } = useWords();
  const { name, company_id, lifecycle } = contacts.fields;
  return (
    <div className="preview">
      <div className="preview-head">{t("list.all", { many: many(contacts) })}</div>
      <div className="preview-row preview-labels">
        <span>{label(name.label)}</span>
        <span>{label(company_id.label)}</span>
        <span>{label(lifecycle.label)}</span>
        <span>{t("tags.tags")}</span>
      </div>
      {rows.map((row) => {
        const person = `${row.first_name} ${row.last_name}`;
        const company = String(companies[row.company]?.name ?? "");
        const option = options.find(({ value }) => value === row.lifecycle);
        const [tag] = row.tags as readonly string[];
        return (
          <div className="preview-row" key={String(row.email)}>
            <span className="preview-name">
              <Avatar id={String(row.email)} name={person} size={20} />
              {person}
            </span>
            <span className="preview-name">
              <Avatar id={company} name={company} isPerson={false} />
              {company}
            </span>
            <span>{option ? <Status option={option} /> : null}</span>
            <span>{tag ? <Tag name={tag} colour={tag === "Decision maker" ? "iris" : "teal"} /> : null}</span>
          </div>
        );
      })}
    </div>
  );
}
