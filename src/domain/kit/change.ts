/** What a rule decided: the fact that happened and the values it sets. Decide first, write after. */
export type Change<R> = { readonly event: string; readonly set: Partial<{ -readonly [K in keyof R]: R[K] }> };

/** A rule that finds nothing to do answers this; nothing is written and no event is told. */
export const nothing = { event: "", set: {} } as const satisfies Change<object>;

export const change = <R>(event: string, set: Change<R>["set"]): Change<R> => ({ event, set });

/** The record as it is after a change, for rules that look ahead and for screens that do not wait. */
export const applied = <R extends object>(record: R, { set }: Change<R>): R => ({ ...record, ...set });
