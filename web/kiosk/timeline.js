// Draws a timeline as SVG: steps in a row or a column, each a button that opens its answer. Text is always a text node.

const SVG = "http://www.w3.org/2000/svg";
// 24 by 24, strokes only.
const ICONS = {
  tests: "M9 3h6M10 3v14a2 2 0 0 0 4 0V3M10 11h4",
  tablet: "M4.5 12.500l8-8a4.200 4.200 0 0 1 6 6l-8 8a4.200 4.200 0 0 1-6-6zM8.500 8.500l6 6",
  hand: "M7 20c-2-3-4-6-3-7s3 2 3 2V6a1.500 1.500 0 0 1 3 0v5V4a1.500 1.500 0 0 1 3 0v7V5a1.500 1.500 0 0 1 3 0v7V8a1.500 1.500 0 0 1 3 0v7c0 3-2 4-4 5z",
  drip: "M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11zM12 17a3 3 0 0 0 3-3",
  heart: "M12 20C5 15 3 12 3 8.500A4.500 4.500 0 0 1 12 7a4.500 4.500 0 0 1 9 1.500c0 3.500-2 6.500-9 11.500zM5 12h4l2-3 2 5 2-2h4",
  chair: "M6 4v16M6 13h12v7M6 9h8v4",
  clock: "M12 3a9 9 0 1 0 0 18a9 9 0 0 0 0-18M12 7v5l4 2",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5",
  steps: "M3 20h5v-5h5v-5h5V5h3",
  person: "M12 4a3.500 3.500 0 1 0 0 7a3.500 3.500 0 0 0 0-7M5 21c0-5 3-7 7-7s7 2 7 7",
};
const RADIUS = 36;
const GAP = 20;
const PAD = 20;

function draw(parent, name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text !== undefined) made.textContent = text;
  parent.append(made);
  return made;
}

// The lines of `text` that are at most `width` pixels wide in `font`.
function wrapped(text, font, width) {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = font;
  const lines = [];
  for (const word of text.split(" ")) {
    const longer = lines.length ? lines[lines.length - 1] + " " + word : word;
    if (lines.length && pen.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The picture of `timeline` for `therapy`, `width` pixels wide; `size` is that of its letters, `open` gets the step touched. */
export function drawTimeline(timeline, therapy, { width, size, family, open }) {
  const columns = width < 45 * size ? 1 : width < 54 * size ? 3 : 4;
  const single = columns === 1;
  // Beside several columns the way back to the left needs room.
  const cell = (width - (single ? 0 : GAP) - GAP * (columns - 1)) / columns;
  const left = single ? 2 * RADIUS + 20 : 0;
  const inner = cell - left - 2 * PAD;
  const line = Math.round(size * 1.35);
  const fonts = { bold: "700 " + size + "px " + family, plain: size + "px " + family };
  const cards = timeline.steps.map((step, at) => {
    const title = wrapped(at + 1 + ". " + step.title, fonts.bold, inner);
    const text = wrapped(step.texts[therapy], fonts.plain, inner);
    return { step, title, text, height: (1 + title.length + text.length) * line + 2 * PAD };
  });

  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("role", "group");
  svg.setAttribute("class", "timeline");
  let top = single ? 2 : 2 * RADIUS + 22;
  const nodes = [];
  for (let first = 0; first < cards.length; first += columns) {
    const row = cards.slice(first, first + columns);
    const height = Math.max(...row.map((card) => card.height));
    row.forEach((card, column) => {
      const x = column * (cell + GAP);
      const node = single ? { x: RADIUS + 5, y: top + card.height / 2 } : { x: x + RADIUS + 5, y: top - RADIUS - 14 };
      nodes.push({ ...node, card, rect: { x: x + left + 2, y: top, width: cell - left - 4, height } });
    });
    top += height + (single ? GAP : 2 * RADIUS + 16 + GAP);
  }
  const bottom = top - (single ? GAP : 2 * RADIUS + 16 + GAP) + 4;
  svg.setAttribute("viewBox", "0 0 " + Math.round(width) + " " + Math.round(bottom));

  // The way from step to step; dashed where it leads beyond the day.
  nodes.slice(1).forEach((node, at) => {
    const from = nodes[at];
    const below = node.y !== from.y;
    const middle = node.y - RADIUS - GAP / 2 - 2;
    const path = single || !below
      ? "M" + from.x + " " + from.y + "L" + node.x + " " + node.y
      : "M" + from.x + " " + from.y + "H" + (width - 5) + "V" + middle + "H" + node.x + "V" + node.y;
    draw(svg, "path", { d: path, class: node.card.step.phase === "later" ? "way far" : "way" });
  });
  for (const { x, y, card, rect } of nodes) {
    const { step } = card;
    const button = draw(svg, "g", { role: "button", tabindex: "0", class: "step " + step.phase });
    button.setAttribute("aria-label", card.title.join(" ") + ". " + step.when + ". " + step.texts[therapy]);
    draw(button, "rect", { ...rect, rx: 14 });
    draw(button, "circle", { cx: x, cy: y, r: RADIUS });
    const zoom = 1.9;
    draw(button, "path", { d: ICONS[step.icon], class: "icon", transform: "translate(" + (x - 12 * zoom) + " " + (y - 12 * zoom) + ") scale(" + zoom + ")" });
    let baseline = rect.y + PAD + size * 0.85;
    const write = (text, name) => {
      draw(button, "text", { x: rect.x + PAD, y: baseline, "font-size": size, class: name }, text);
      baseline += line;
    };
    write(step.when, "phase");
    card.title.forEach((text) => write(text, "name"));
    card.text.forEach((text) => write(text, "says"));
    button.addEventListener("click", () => open(step));
    button.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      open(step);
    });
  }
  return svg;
}
