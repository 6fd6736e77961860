import { expect, it, vi } from "vitest";
import * as data from "../src/fake/data";
import { app, follow } from "../src/view.svelte";
import { standIn } from "./app";

it("takes newer views and ignores those that come late", async () => {
  const desk = standIn({ view: { ...data.view([data.acme]), revision: 5 } });
  await Promise.all([follow(), follow()]);
  // At once, and again when changes are sure to arrive; following twice asks for no more.
  expect(desk.of("view")).toHaveLength(2);
  expect(app.view?.revision).toBe(5);

  await desk.send("view-changed", { ...data.view([]), revision: 4 });
  await desk.send("view-changed", { ...data.view([]), revision: 5 });
  expect(app.view?.registrations).toHaveLength(1);

  await desk.send("view-changed", { ...data.view([data.acme, data.out]), revision: 6 });
  await vi.waitFor(() => expect(app.view?.registrations).toHaveLength(2));
});
