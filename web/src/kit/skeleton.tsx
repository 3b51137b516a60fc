import { useEffect, useState } from "react";

/** Bars on the grid of what is coming, only once waiting is felt. */
export function SkeletonRows({ rows = 12, height = 32 }: { readonly rows?: number; readonly height?: number }) {
  const isLate = useLater(150);
  if (!isLate) return null;
  return (
    <div className="skeleton" aria-hidden>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the bars have no identity.
        <div className="skeleton-row" key={index} style={{ blockSize: height }}>
          <span className="skeleton-dot" />
          <span className="skeleton-bar" style={{ inlineSize: `${18 + ((index * 7) % 14)}%` }} />
          <span className="skeleton-bar" style={{ inlineSize: `${10 + ((index * 5) % 12)}%` }} />
          <span className="skeleton-bar" style={{ inlineSize: `${12 + ((index * 3) % 10)}%` }} />
        </div>
      ))}
    </div>
  );
}

function useLater(ms: number): boolean {
  const [isLate, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  return isLate;
}
