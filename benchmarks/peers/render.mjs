// Render the benchmark's creative with one peer: a request a line in, an answer out.
//
//   node render.mjs satori|takumi|chromium FOLDER
//
// FOLDER holds node_modules, 500.ttf, 800.ttf, logo.png and the photos. A request is
// {photo, headline, size, kind, unique}; the answer {bytes} or {error}. With `out` in the
// request the file is written there, to be looked at.

import { createRequire } from "node:module";
import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

const [peer, folder] = process.argv.slice(2);
const require = createRequire(join(folder, "package.json"));

const SIDE = 1080;
const QUALITY = 85;
const COPY = "Stoneware from the workshop by the harbor.";
const BUTTON = "See the colors";
const INK = "#0a2a33";
const SCRIM = "linear-gradient(to bottom, rgba(10,42,51,0), rgba(10,42,51,0.6))";
const whole = { position: "absolute", left: 0, top: 0, width: SIDE, height: SIDE };
const logoPlace = { position: "absolute", left: 72, top: 80, width: 240, height: 45 };
const column = {
  position: "absolute",
  left: 72,
  bottom: 72,
  width: 936,
  display: "flex",
  flexDirection: "column",
  alignItems: "flex-start",
};
const headlineStyle = (size) => ({
  fontFamily: "Inter",
  fontWeight: 800,
  fontSize: size,
  lineHeight: 1.1,
  color: "#ffffff",
});
const copyStyle = {
  fontFamily: "Inter",
  fontWeight: 500,
  fontSize: 36,
  lineHeight: 1.2,
  color: "#ffffff",
  marginTop: 24,
};
const buttonStyle = {
  fontFamily: "Inter",
  fontWeight: 800,
  fontSize: 32,
  lineHeight: 1.2,
  color: INK,
  backgroundColor: "#f4803c",
  borderRadius: 60,
  padding: "12px 24px",
  marginTop: 24,
};

async function startSatori() {
  const satori = require("satori").default;
  const { Resvg } = require("@resvg/resvg-js");
  const sharp = require("sharp");
  sharp.concurrency(1);
  const fonts = [];
  for (const weight of [500, 800]) {
    const data = await readFile(join(folder, `${weight}.ttf`));
    fonts.push({ name: "Inter", weight, style: "normal", data });
  }
  const logo = await dataUrl("logo.png", "image/png");
  const div = (style, children) => ({
    type: "div",
    props: { style: { display: "flex", ...style }, children },
  });
  const img = (src, { width, height, ...style }) => ({
    type: "img",
    props: { src, width, height, style: { ...style, objectFit: "cover" } },
  });
  return async ({ photo, headline, size, kind }) => {
    const tree = div({ ...whole, position: "relative" }, [
      img(await dataUrl(photo, "image/jpeg"), whole),
      div({ ...whole, backgroundImage: SCRIM }, ""),
      img(logo, logoPlace),
      div(column, [
        div(headlineStyle(size), headline),
        div(copyStyle, COPY),
        div(buttonStyle, BUTTON),
      ]),
    ]);
    const svg = await satori(tree, { width: SIDE, height: SIDE, fonts });
    const made = new Resvg(svg, { font: { loadSystemFonts: false } }).render();
    if (kind === "png") return made.asPng();
    const raw = { width: made.width, height: made.height, channels: 4 };
    return sharp(made.pixels, { raw }).jpeg({ quality: QUALITY }).toBuffer();
  };
}

async function startTakumi() {
  const { Renderer } = require("@takumi-rs/core");
  const renderer = new Renderer();
  for (const weight of [500, 800]) {
    const data = await readFile(join(folder, `${weight}.ttf`));
    await renderer.registerFont({ name: "Inter", weight, style: "normal", data });
  }
  const logo = await readFile(join(folder, "logo.png"));
  return async ({ photo, headline, size, kind }) => {
    const source = { src: "photo", data: await readFile(join(folder, photo)) };
    const text = (words, style) => ({ type: "text", text: words, style });
    const node = {
      type: "container",
      style: { ...whole, position: "relative" },
      children: [
        { type: "image", src: "photo", style: { ...whole, objectFit: "cover" } },
        { type: "container", style: { ...whole, backgroundImage: SCRIM }, children: [] },
        { type: "image", src: "logo", style: logoPlace },
        {
          type: "container",
          style: column,
          children: [
            text(headline, headlineStyle(size)),
            text(COPY, copyStyle),
            text(BUTTON, buttonStyle),
          ],
        },
      ],
    };
    // Decoded anew each time, as by the others; the logo is kept.
    const images = [{ ...source, cache: "none" }, { src: "logo", data: logo }];
    const options = { width: SIDE, height: SIDE, format: kind, images };
    if (kind === "jpeg") options.quality = QUALITY;
    return renderer.render(node, options);
  };
}

async function startChromium() {
  const { chromium } = require("playwright");
  const executablePath = process.env.BENCHMARK_CHROMIUM || undefined;
  const args = ["--allow-file-access-from-files", "--no-sandbox"];
  const browser = await chromium.launch({ executablePath, args });
  const page = await browser.newPage({ viewport: { width: SIDE, height: SIDE } });
  const css = (style) =>
    Object.entries(style)
      .map(([name, value]) => {
        const unit = typeof value === "number" && !/Weight|Height$/.test(name);
        const isSize = name === "height" || unit;
        const dashed = name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);
        return `${dashed}:${value}${typeof value === "number" && isSize ? "px" : ""}`;
      })
      .join(";");
  const faces = [500, 800].map(
    (w) => `@font-face{font-family:Inter;font-weight:${w};src:url(${w}.ttf)}`,
  );
  await writeFile(
    join(folder, "page.html"),
    `<style>${faces.join("")}body{margin:0}</style>
    <img id="photo" style="${css(whole)};object-fit:cover">
    <div style="${css({ ...whole, backgroundImage: SCRIM })}"></div>
    <img src="logo.png" style="${css(logoPlace)}">
    <div style="${css(column)}"><div id="headline" style="${css(headlineStyle(40))}">
    </div><div style="${css(copyStyle)}">${COPY}</div>
    <div style="${css(buttonStyle)}">${BUTTON}</div></div>`,
  );
  await page.goto(pathToFileURL(join(folder, "page.html")).href);
  await page.evaluate(() => document.fonts.ready);
  const session = await page.context().newCDPSession(page);
  process.stderr.write(`chromium ${browser.version()}\n`);
  return async ({ photo, headline, size, kind, unique }) => {
    await page.evaluate(
      async ([src, words, px]) => {
        document.getElementById("headline").textContent = words;
        document.getElementById("headline").style.fontSize = `${px}px`;
        const picture = document.getElementById("photo");
        picture.src = src;
        await picture.decode();
      },
      [`${photo}?${unique}`, headline, size],
    );
    const options = { format: kind, optimizeForSpeed: true };
    if (kind === "jpeg") options.quality = QUALITY;
    const { data } = await session.send("Page.captureScreenshot", options);
    return Buffer.from(data, "base64");
  };
}

async function dataUrl(name, mime) {
  const data = await readFile(join(folder, name));
  return `data:${mime};base64,${data.toString("base64")}`;
}

const starters = { satori: startSatori, takumi: startTakumi, chromium: startChromium };
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
const render = await starters[peer]();
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  try {
    const data = await render(request);
    if (request.out) await writeFile(request.out, data);
    say({ bytes: data.length });
  } catch (error) {
    say({ error: String(error) });
  }
}
process.exit(0);
