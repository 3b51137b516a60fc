import { type ComponentType, createElement, type FunctionComponent, use } from "react";

type Screen<Props> = FunctionComponent<Props> & { readonly preload: () => Promise<void> };

/**
 * A screen whose code is fetched when it is first looked at, or before on a likely way to it.
 * The router's own way asks `use` only until the code is there, which React reports as an error on each first visit.
 */
export function screenOf<Props extends object = object>(load: () => Promise<ComponentType<Props>>): Screen<Props> {
  let found: Promise<ComponentType<Props>> | undefined;
  const fetched = () => {
    found ??= load().then(
      (Found) => {
        sessionStorage.removeItem(RELOADED);
        return Found;
      },
      (error) => () => reloaded(error),
    );
    return found;
  };
  const show = (props: Props) => createElement(use(fetched()), props);
  return Object.assign(show, { preload: async () => void (await fetched()) });
}

const RELOADED = "rapport.reloaded";
let isReloading = false;

/** After an update of the server its old files are gone: the page is read anew, once. */
function reloaded(error: unknown): null {
  if (!isReloading && sessionStorage.getItem(RELOADED)) throw error;
  if (!isReloading) location.reload();
  isReloading = true;
  sessionStorage.setItem(RELOADED, "yes");
  return null;
}
