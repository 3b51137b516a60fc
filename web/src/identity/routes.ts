import { type AnyRoute, createRoute } from "@tanstack/react-router";
import { screenOf } from "../kit/screen.tsx";

/** The screens before the product, directly below the root: none of them asks for a session. */
export const identityRoutes = <Parent extends AnyRoute>(parent: Parent) => {
  const getParentRoute = () => parent;
  return [
    createRoute({ getParentRoute, path: "/sign-in", component: screenOf(() => import("./sign-in.tsx").then((module) => module.SignIn)) }),
    createRoute({ getParentRoute, path: "/sign-up", component: screenOf(() => import("./sign-up.tsx").then((module) => module.SignUp)) }),
    createRoute({
      getParentRoute,
      path: "/forgotten-password",
      component: screenOf(() => import("./passwords.tsx").then((module) => module.ForgottenPassword)),
    }),
    createRoute({
      getParentRoute,
      path: "/reset-password",
      component: screenOf(() => import("./passwords.tsx").then((module) => module.ResetPassword)),
    }),
    createRoute({ getParentRoute, path: "/join", component: screenOf(() => import("./join.tsx").then((module) => module.Join)) }),
    createRoute({ getParentRoute, path: "/welcome", component: screenOf(() => import("./welcome.tsx").then((module) => module.Welcome)) }),
  ] as const;
};
