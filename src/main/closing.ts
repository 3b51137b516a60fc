type Closable = { close(): void | Promise<void> };

/** Remembers what was opened, and closes it in reverse; what does not close cleanly does not keep the rest open. */
export function closing(onFailure: (name: string, error: unknown) => void) {
  const opened: { readonly name: string; readonly thing: Closable }[] = [];
  let isClosing = false;
  return {
    keep<T extends Closable>(name: string, thing: T): T {
      opened.push({ name, thing });
      return thing;
    },
    isClosing: () => isClosing,
    async closeAll(): Promise<void> {
      isClosing = true;
      for (const { name, thing } of opened.splice(0).reverse()) {
        try {
          await thing.close();
        } catch (error) {
          onFailure(name, error);
        }
      }
    },
  };
}
