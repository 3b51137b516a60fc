import { Button, CopyButton } from "@mantine/core";
import { DialogActions, Sheet } from "../kit/dialogs.tsx";
import { useWords } from "../kit/words.ts";

/** The codes for the day the authenticator is lost; they are shown this once. */
export function RecoveryCodes({ codes, onClose }: { readonly codes: readonly string[]; readonly onClose: () => void }) {
  const { t } = useWords();
  const text = codes.join("\n");
  const file = `data:text/plain;charset=utf-8,${encodeURIComponent(`${text}\n`)}`;
  return (
    <Sheet title={t("security.codes_title")} isOpen onClose={onClose}>
      <p className="dialog-text">{t("security.codes_text")}</p>
      <ol className="set-codes">
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ol>
      <DialogActions>
        <Button size="md" component="a" href={file} download="rapport-recovery-codes.txt">
          {t("security.codes_download")}
        </Button>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="md" onClick={copy}>
              {t(copied ? "do.copied_value" : "do.copy")}
            </Button>
          )}
        </CopyButton>
        <Button size="md" variant="filled" onClick={onClose}>
          {t("security.codes_kept")}
        </Button>
      </DialogActions>
    </Sheet>
  );
}
