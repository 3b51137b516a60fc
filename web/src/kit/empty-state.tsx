import type { ReactNode } from "react";

type Props = {
  readonly title: string;
  readonly text?: string;
  readonly actions?: ReactNode;
  /** Draws the shapes that will stand here; left out where nothing matches a filter. */
  readonly drawing?: "table";
};

/** What a list says while it is empty. */
export function EmptyState({ title, text, actions, drawing }: Props) {
  return (
    <div className="empty">
      {drawing ? <TableDrawing /> : null}
      <h2 className="empty-title">{title}</h2>
      {text ? <p className="empty-text">{text}</p> : null}
      {actions ? <div className="empty-actions">{actions}</div> : null}
    </div>
  );
}

/** Four rows of the table to come, the last one waiting to be filled. */
function TableDrawing() {
  return (
    <div className="drawing" aria-hidden>
      {[56, 42, 64].map((width) => (
        <div className="drawing-card" key={width}>
          <span className="drawing-circle" />
          <span className="drawing-lines">
            <span className="drawing-bar drawing-bar-strong" style={{ inlineSize: width }} />
            <span className="drawing-bar" style={{ inlineSize: width * 0.66 }} />
          </span>
        </div>
      ))}
      <div className="drawing-card drawing-card-open" />
    </div>
  );
}
