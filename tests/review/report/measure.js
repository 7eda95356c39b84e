// Opens pages in frames of given widths, and writes into this document what a reader meets there.

const HEIGHT = 900;

/** A colour as the browser computed it: red, green and blue, 0 to 255, and opacity, 0 to 1. */
function channels(colour) {
  const [red, green, blue, opacity = 1] = colour.match(/[\d.]+/g).map(Number);
  return [red, green, blue, opacity];
}

/** Put one colour on another one, which is opaque. */
function over(above, below) {
  const opacity = above[3];
  return [0, 1, 2].map((n) => above[n] * opacity + below[n] * (1 - opacity)).concat(1);
}

/** Relative luminance, 0 to 1, as WCAG defines it. */
function luminance(colour) {
  const [red, green, blue] = colour.slice(0, 3).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Contrast of two colours, 1 to 21. */
function contrast(one, other) {
  const [dark, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}

/** What is behind the text of an element. */
function ground(element, style) {
  const behind = [];
  for (let one = element; one; one = one.parentElement) {
    behind.unshift(channels(style(one).backgroundColor));
  }
  return behind.reduce((below, above) => over(above, below), [255, 255, 255, 1]);
}

/** Every element that has text of its own, with that text. */
function* texts(page) {
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement: element } = walker.currentNode;
    const told = ["title", "desc", "style"].includes(element.localName);
    if (data.trim() && !told && element.checkVisibility()) yield [element, data.trim()];
  }
}

/** The text with the least contrast of each kind: its contrast, and its first words. */
function contrasts(page, style) {
  const least = {};
  for (const [element, text] of texts(page)) {
    const drawn = element.ownerSVGElement !== null && element.localName === "text";
    const behind = ground(element, style);
    const kind = element.closest(".flagged, .remarks, .verdict.bad")
      ? "flagged"
      : element.closest("a") ? "link" : element.closest(".muted, th") ? "muted" : "text";
    const colour = channels(drawn ? style(element).fill : style(element).color);
    const found = contrast(over(colour, behind), behind);
    if (!least[kind] || found < least[kind][0]) least[kind] = [found, text.slice(0, 40)];
  }
  return least;
}

/** Texts of figures that leave their figure, or that lie on another one. */
function clashes(page) {
  const found = [];
  for (const figure of page.querySelectorAll("svg[role=img]")) {
    const frame = figure.getBoundingClientRect();
    const boxes = [];
    for (const text of figure.querySelectorAll("text")) {
      const box = text.getBoundingClientRect();
      if (box.left < frame.left - 1 || box.right > frame.right + 1) {
        found.push(`outside: ${text.textContent}`);
      }
      for (const [other, said] of boxes) {
        const across = Math.min(box.right, other.right) - Math.max(box.left, other.left);
        const down = Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top);
        if (across > 1 && down > 4) found.push(`${said} | ${text.textContent}`);
      }
      boxes.push([box, text.textContent]);
    }
  }
  return found;
}

/** All that is measured of one page. */
function measured(frame) {
  const page = frame.contentDocument;
  const inside = frame.contentWindow;
  const style = (element) => inside.getComputedStyle(element);
  const images = [...page.images];
  const tops = {};
  for (const one of page.querySelectorAll("[id^=glance-]")) {
    tops[one.id] = one.getBoundingClientRect().top + inside.scrollY;
  }
  const sizes = [...texts(page)].map(([element]) => {
    const scale = element.ownerSVGElement ? element.getScreenCTM().a : 1;
    return parseFloat(style(element).fontSize) * scale;
  });
  return {
    tags: [...page.querySelectorAll("*")].map((one) => one.localName),
    window_px: inside.innerWidth,
    page_px: page.documentElement.scrollWidth,
    images: images.map((one) => [one.naturalWidth, one.alt]),
    figures: [...page.querySelectorAll("svg[role=img], figure, table")]
      .filter((one) => one.checkVisibility())
      .map((one) => [one.localName, one.computedRole, one.computedName]),
    background: luminance(ground(page.body, style)),
    contrasts: contrasts(page, style),
    clashes: clashes(page),
    smallest_px: Math.min(...sizes),
    tops,
    fetched: inside.performance.getEntriesByType("resource").map((one) => one.name),
  };
}

/** A page in a frame of a width. */
function opened(address, width) {
  return new Promise((resolve) => {
    const frame = document.createElement("iframe");
    Object.assign(frame, { width, height: HEIGHT, src: address });
    frame.addEventListener("load", () => resolve(frame));
    document.body.append(frame);
  });
}

async function measureAll(asked) {
  const found = [];
  try {
    for (const [address, width] of asked) {
      const frame = await opened(address, width);
      found.push(measured(frame));
      frame.remove();
    }
  } catch (error) {
    found.push({ error: `${error}` });
  }
  document.getElementById("measured").textContent = JSON.stringify(found);
}
