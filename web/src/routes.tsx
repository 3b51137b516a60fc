import { Button } from "@mantine/core";
import { type QueryClient, useQueryErrorResetBoundary } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  Navigate,
  notFound,
  redirect,
  useNavigate,
} from "@tanstack/react-router";
import { resourceNamed } from "../../src/domain/catalogue.ts";
import type { Resource } from "../../src/domain/kit/resource.ts";
import { identityRoutes } from "./identity/routes.ts";
import { ApiError } from "./kit/api.ts";
import { EmptyState } from "./kit/empty-state.tsx";
import { screenOf } from "./kit/screen.tsx";
import { membersQuery, sessionQuery } from "./kit/session.ts";
import { sentenceOf } from "./kit/toasts.tsx";
import { useWords } from "./kit/words.ts";
import { recordResources } from "./records/columns.ts";
import { ListPage } from "./records/list-page.tsx";
import type { ListSearch } from "./records/list-state.ts";
import { settingsRoutes } from "./settings/routes.ts";
import { Shell } from "./shell/shell.tsx";

const root = createRootRouteWithContext<{ client: QueryClient }>()({
  notFoundComponent: Missing,
  // The entrance and the settings have sentences of their own; a list does not wait for them.
  beforeLoad: async ({ location: { pathname } }) => {
    if (pathname === "/" || recordResources.some(({ name }) => pathname.startsWith(`/${name}`))) return;
    await Promise.all([import("./kit/words/identity.ts"), import("./kit/words/settings.ts")]);
  },
});

/** Everything behind signing in. */
const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Shell,
  errorComponent: Failed,
  beforeLoad: async ({ context: { client }, location }) => {
    try {
      await client.ensureQueryData(sessionQuery);
      void client.prefetchQuery(membersQuery);
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) throw redirect({ href: `/sign-in?next=${encodeURIComponent(location.href)}` });
      throw error;
    }
  },
});

const home = createRoute({
  getParentRoute: () => inside,
  path: "/",
  component: () => (
    <Navigate
      to="/$resource"
      params={{ resource: recordResources.find(({ name }) => name === "contacts")?.name ?? recordResources[0]?.name ?? "" }}
      replace
    />
  ),
});

const list = createRoute({
  getParentRoute: () => inside,
  path: "/$resource",
  validateSearch: (search: Record<string, unknown>): ListSearch => search as ListSearch,
  beforeLoad: ({ params }) => void resourceOf(params.resource),
  component: () => {
    const resource = resourceOf(list.useParams().resource);
    return <ListPage key={resource.name} resource={resource} />;
  },
});

const RecordPage = screenOf(() => import("./records/record-page.tsx").then((module) => module.RecordPage));
const record = createRoute({
  getParentRoute: () => inside,
  path: "/$resource/$id",
  validateSearch: (search: Record<string, unknown>): { tab?: string } => search as { tab?: string },
  beforeLoad: ({ params }) => void resourceOf(params.resource),
  component: () => {
    const { resource, id } = record.useParams();
    return <RecordPage key={id} resource={resourceOf(resource)} id={id} />;
  },
});

const TrashPage = screenOf(() => import("./records/trash-page.tsx").then((module) => module.TrashPage));
const trash = createRoute({
  getParentRoute: () => inside,
  path: "/$resource/trash",
  beforeLoad: ({ params }) => void resourceOf(params.resource),
  component: () => <TrashPage resource={resourceOf(trash.useParams().resource)} />,
});

/** The resource an address names; another word leads nowhere. */
function resourceOf(name: string): Resource {
  const resource = resourceNamed(name);
  if (resource?.place !== "records") throw notFound();
  return resource;
}

function Missing() {
  const { t } = useWords();
  const navigate = useNavigate();
  return (
    <main className="sheet main" id="content">
      <EmptyState
        title={t("nav.not_found")}
        text={t("nav.not_found_why")}
        actions={<Button onClick={() => void navigate({ to: "/" })}>{t("do.back")}</Button>}
      />
    </main>
  );
}

function Failed({ error, reset }: ErrorComponentProps) {
  const { t } = useWords();
  const queries = useQueryErrorResetBoundary();
  const retry = () => {
    queries.reset();
    reset();
  };
  return (
    <main className="sheet main failed" id="content">
      <EmptyState title={t("empty.failed")} text={sentenceOf(error)} actions={<Button onClick={retry}>{t("do.retry")}</Button>} />
    </main>
  );
}

export const makeRouter = (client: QueryClient) =>
  createRouter({
    routeTree: root.addChildren([inside.addChildren([home, list, trash, record, ...settingsRoutes(inside)]), ...identityRoutes(root)]),
    context: { client },
    defaultPreload: "intent",
    defaultNotFoundComponent: Missing,
    scrollRestoration: false,
  });

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
