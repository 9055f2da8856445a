// What every screen has to pass.
import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect } from "vitest";

/** No violation of WCAG 2.2 A and AA, nor of axe's good practice. */
export async function clean(page: Page): Promise<void> {
  await page.evaluate(axe.source); // not as a script tag: the page's own policy forbids those
  const found = await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, { resultTypes: ["violations"] });
    return violations.map((one) => `${one.id}: ${one.nodes.map((node) => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`).slice(0, 3).join(" | ")}`);
  });
  expect(found).toEqual([]);
}
