import { IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Fragment, type ReactNode } from "react";

type Props = {
  readonly icon: ReactNode;
  readonly crumbs: readonly { readonly text: string; readonly to?: string }[];
  /** The page has no other heading than its last crumb. */
  readonly isHeading?: boolean;
  readonly children?: ReactNode;
};

/** Where one is, and the one thing most likely done next. */
export function TopBar({ icon, crumbs, isHeading = crumbs.length === 1, children }: Props) {
  return (
    <header className="top-bar">
      <span className="top-icon">{icon}</span>
      {crumbs.map(({ text, to }, index) => (
        <Fragment key={text}>
          {index ? <IconChevronRight className="top-part" size={14} stroke={2} aria-hidden /> : null}
          {to ? (
            <Link className="crumb" to={to}>
              {text}
            </Link>
          ) : isHeading ? (
            <h1 className="crumb-here">{text}</h1>
          ) : (
            <span className="crumb-here">{text}</span>
          )}
        </Fragment>
      ))}
      <span className="grow" />
      {children}
    </header>
  );
}
