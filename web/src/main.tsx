import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@mantine/core/styles.css";
import "@fontsource-variable/inter/opsz.css";
import "./kit/roles.css";
import "./kit/kit.css";
import "./shell/shell.css";
import "./records/records.css";
import { ApiError } from "./kit/api.ts";
import { cssVariablesResolver, theme } from "./kit/theme.ts";
import { makeRouter } from "./routes.tsx";

const client = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
    },
  },
});
const router = makeRouter(client);
// The server names each answer's nonce in the page; style elements made while it runs carry it.
const nonce = document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")?.content ?? "";
// What keeps the page from scrolling behind a dialog (react-remove-scroll) reads it from here.
Object.assign(globalThis, { __webpack_nonce__: nonce });
const colours = localStorageColorSchemeManager({ key: "rapport.colours" });

const place = document.getElementById("root");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariablesResolver}
        defaultColorScheme="auto"
        colorSchemeManager={colours}
        getStyleNonce={() => nonce}
      >
        <QueryClientProvider client={client}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
