import { type AnyRoute, createRoute } from "@tanstack/react-router";
import { screenOf } from "../kit/screen.tsx";

/** The settings, below the shell: `/settings`, one address for each page, and one for what is chosen on it. */
export const settingsRoutes = <Parent extends AnyRoute>(parent: Parent) => {
  const getParentRoute = () => parent;
  const component = screenOf(() => import("./settings.tsx").then((module) => module.Settings));
  return [
    createRoute({ getParentRoute, path: "/settings", component }),
    createRoute({ getParentRoute, path: "/settings/$section", component }),
    createRoute({ getParentRoute, path: "/settings/$section/$item", component }),
  ] as const;
};
