import { Link, Navigate } from "@tanstack/react-router";
import type { ReactNode } from "react";

type Props = {
  readonly to: string;
  readonly className?: string;
  readonly onClick?: () => void;
  readonly children: ReactNode;
  readonly "aria-current"?: "page" | undefined;
};

/** A link to a page of ours by its path. */
export function PathLink({ to, ...rest }: Props) {
  const target: { readonly to: string } = { to };
  return <Link {...target} {...rest} />;
}

/** A link between the screens before the product. */
export const EntranceLink = (props: Omit<Props, "className">) => <PathLink className="entrance-link" {...props} />;

/** Goes on to another page of ours, which takes the place of this one. */
export function PathRedirect({ to }: { readonly to: string }) {
  const target: { readonly to: string } = { to };
  return <Navigate {...target} replace />;
}
