import { type AnyRoute, createRoute, lazyRouteComponent } from "@tanstack/react-router";

/** The screens before the product, directly below the root: none of them asks for a session. */
export const identityRoutes = <Parent extends AnyRoute>(parent: Parent) => {
  const getParentRoute = () => parent;
  return [
    createRoute({ getParentRoute, path: "/sign-in", component: lazyRouteComponent(() => import("./sign-in.tsx"), "SignIn") }),
    createRoute({ getParentRoute, path: "/sign-up", component: lazyRouteComponent(() => import("./sign-up.tsx"), "SignUp") }),
    createRoute({
      getParentRoute,
      path: "/forgotten-password",
      component: lazyRouteComponent(() => import("./passwords.tsx"), "ForgottenPassword"),
    }),
    createRoute({
      getParentRoute,
      path: "/reset-password",
      component: lazyRouteComponent(() => import("./passwords.tsx"), "ResetPassword"),
    }),
    createRoute({ getParentRoute, path: "/join", component: lazyRouteComponent(() => import("./join.tsx"), "Join") }),
    createRoute({ getParentRoute, path: "/welcome", component: lazyRouteComponent(() => import("./welcome.tsx"), "Welcome") }),
  ] as const;
};
