import { useMemo } from "react";
import { qrOf } from "./qr.ts";

/** A text as a picture for cameras, drawn here: what it says leaves the browser for nobody. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = useMemo(() => drawn(text), [text]);
  return (
    <svg className="qr" viewBox={`-4 -4 ${size + 8} ${size + 8}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect className="qr-ground" x={-4} y={-4} width={size + 8} height={size + 8} />
      <path className="qr-dark" d={path} />
    </svg>
  );
}

function drawn(text: string): { size: number; path: string } {
  const modules = qrOf(text);
  const path = modules.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return { size: modules.length, path };
}
