import { queryOptions } from "@tanstack/react-query";
import { perform } from "../kit/api.ts";

/** What the sign-in page may offer. */
type SignInOptions = { readonly sign_up: "open" | "closed"; readonly mail: "configured" | "missing" };

export const optionsQuery = queryOptions({
  queryKey: ["auth", "options"],
  queryFn: ({ signal }) => perform<SignInOptions>("auth.options", {}, { signal }),
  staleTime: 60_000,
});
