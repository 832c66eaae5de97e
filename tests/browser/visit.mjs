// Visits pages as their readers would, and prints what is wrong with them: node visit.mjs MODULES SITE PAGE…
//
// Each page is seen light, dark, 320 pixels wide, at 200 %, with letters twice as large, and on paper. axe-core is asked once what a page looks like; it comes in by
// the browser's own door for debuggers, since the pages let no script in.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const [modules, site, ...pages] = process.argv.slice(2);
const require = createRequire(modules + "/");
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const findings = [];
let visited = 0;

const looks = [
  { name: "light", width: 1000, colorScheme: "light" },
  { name: "dark", width: 1000, colorScheme: "dark" },
  { name: "narrow", width: 320, colorScheme: "light" },
  // A window of 1280 pixels at 200 % is one of 640 of twice the points.
  { name: "at 200 %", width: 640, scale: 2, colorScheme: "dark" },
  { name: "large letters", width: 640, letters: "200%", colorScheme: "light" },
  { name: "paper", width: 800, media: "print" },
];

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

async function open(path, look) {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 900 },
    deviceScaleFactor: look.scale ?? 1,
    colorScheme: look.colorScheme,
    reducedMotion: look.reducedMotion,
  });
  const page = await context.newPage();
  const say = (what) => findings.push(`${path} (${look.name}): ${what}`);
  // What the browser refused, and what it did not find. A page for the lost is not found itself.
  page.on("console", (message) => {
    const lost = message.text().includes("404") && message.location().url === site + path;
    if (message.type() === "error" && !lost) say(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(site)) say(`asks for ${request.url()}`);
  });
  await page.goto(site + path);
  if (look.media) await page.emulateMedia({ media: look.media });
  if (look.letters) await page.evaluate((size) => { document.documentElement.style.fontSize = size; }, look.letters);
  return { context, page, say };
}

// What holds more than it shows, and cannot be scrolled.
function cutOff() {
  const hides = (element) => ["hidden", "clip"].includes(getComputedStyle(element).overflowX);
  const cut = (element) => element.clientWidth > 1 && element.scrollWidth > element.clientWidth + 1;
  return [...document.querySelectorAll("body *")].filter((one) => hides(one) && cut(one)).map((one) => one.outerHTML.slice(0, 120));
}

for (const path of pages) {
  for (const look of looks) {
    const { context, page, say } = await open(path, look);
    visited += 1;
    if ((await page.evaluate(() => document.scripts.length)) > 0) say("has a script");
    const style = await page.evaluate(() => getComputedStyle(document.body).maxWidth + getComputedStyle(document.querySelector("main")).maxWidth);
    if (!style.includes("px") && look.media !== "print") say("has no style");
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) say(`is ${wide} pixels too wide`);
    for (const cut of await page.evaluate(cutOff)) say(`cuts off ${cut}`);
    if (look.media === "print") {
      const shown = await page.evaluate(() => [...document.querySelectorAll(".top")].some((top) => getComputedStyle(top).display !== "none"));
      if (shown) say("shows its ways around");
    } else {
      await page.evaluate(axe);
      // Its own requests would be refused.
      const result = await page.evaluate(() => window.axe.run(document, { preload: false }));
      for (const violation of result.violations) {
        for (const node of violation.nodes) say(`${violation.id}: ${node.html} ${node.failureSummary}`);
      }
    }
    await context.close();
  }
}

// With the keys alone: past the ways around, into the words, and a fold opened.
const session = pages.find((path) => path.includes("/S-1"));
if (session) {
  const { context, page, say } = await open(session, { name: "keys", width: 1000 });
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await page.keyboard.press("Tab");
  if ((await focused()) !== "To the content") say(`the first stop is ${await focused()}`);
  const box = await page.evaluate(() => document.activeElement.getBoundingClientRect().left);
  if (box < 0) say("the first stop cannot be seen");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  if (!(await page.evaluate(() => document.querySelector("main").contains(document.activeElement)))) say("it leads elsewhere");
  for (let stops = 0; stops < 300 && !(await page.evaluate(() => document.activeElement.tagName === "SUMMARY")); stops += 1) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  if (!(await page.evaluate(() => document.activeElement.parentElement.open))) say("no fold opens");
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  if (outline === "none") say("nobody sees where they are");
  await context.close();
  for (const [reducedMotion, expected] of [["reduce", "auto"], ["no-preference", "smooth"]]) {
    const still = await open(session, { name: reducedMotion, width: 1000, reducedMotion });
    const scrolls = await still.page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior);
    if (scrolls !== expected) still.say(`scrolls ${scrolls}`);
    await still.context.close();
  }
}

await browser.close();
console.log(JSON.stringify({ visited, findings }));
