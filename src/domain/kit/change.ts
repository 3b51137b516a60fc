/** What a rule decided: the fact that happened and the values it sets. Decide first, write after. */
export type Change<R> = { readonly event: string; readonly set: Partial<{ -readonly [K in keyof R]: R[K] }> };

export const change = <R>(event: string, set: Change<R>["set"]): Change<R> => ({ event, set });
