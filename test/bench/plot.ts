/** A figure of each contestant, side by side. */
export interface Bars {
  readonly title: string;
  readonly rows: readonly { readonly name: string; readonly value: number }[];
}

/** How a figure changes as something grows; both axes are logarithmic. */
export interface Curves {
  readonly title: string;
  /** What grows, and what is measured. */
  readonly x: string;
  readonly y: string;
  readonly lines: readonly {
    readonly name: string;
    readonly points: readonly (readonly [x: number, y: number])[];
  }[];
}

const WIDTH = 440;
const ROW = 18;
const LABEL = 110;
const INK = '#24292f';
const COLOURS = ['#0969da', '#bf8700', '#1a7f37', '#8250df'];

/** @param highlight - The row that stands out. */
export function plotBars(title: string, panels: readonly Bars[], highlight: string): string {
  const height = 34 + Math.max(...panels.map(({ rows }) => rows.length)) * ROW;
  return page(
    title,
    panels.map(({ title: panel, rows }) => {
      const most = Math.max(...rows.map(({ value }) => value), Number.MIN_VALUE);
      const bars = rows.map(({ name, value }, index) => {
        const y = 26 + index * ROW;
        const width = Math.max(1, Math.round((value / most) * (WIDTH - LABEL - 70)));
        const fill = name === highlight ? COLOURS[0] : '#afb8c1';
        return (
          text(LABEL - 6, y + 12, name, 'end') +
          `<rect x="${LABEL}" y="${y + 2}" width="${width}" height="${ROW - 5}" fill="${fill}"/>` +
          text(LABEL + width + 5, y + 12, grouped(value))
        );
      });
      return heading(panel) + bars.join('');
    }),
    height,
  );
}

/** Draws each panel with its own axes. */
export function plotCurves(title: string, panels: readonly Curves[]): string {
  const [left, top, right, bottom] = [64, 34, WIDTH - 34, 190];
  return page(
    title,
    panels.map(({ title: panel, x, y, lines }) => {
      const points = lines.flatMap(({ points: all }) => all);
      const [x0, x1] = decades(points.map(([one]) => one));
      const [y0, y1] = decades(points.map(([, one]) => one));
      const across = (value: number) => place(value, x0, x1, left, right);
      const up = (value: number) => place(value, y0, y1, bottom, top);
      const grid = [
        ...powers(x0, x1).map(
          (value) =>
            rule(across(value), top, across(value), bottom) +
            text(across(value), bottom + 14, grouped(value), 'middle'),
        ),
        ...powers(y0, y1).map(
          (value) =>
            rule(left, up(value), right, up(value)) +
            text(left - 5, up(value) + 4, grouped(value), 'end'),
        ),
      ];
      const curves = lines.map(({ name, points: all }, index) => {
        const colour = COLOURS[index % COLOURS.length];
        const path = all.map(([one, other]) => `${across(one)},${up(other)}`).join(' ');
        const dots = all.map(
          ([one, other]) =>
            `<circle cx="${across(one)}" cy="${up(other)}" r="3" fill="${colour}"/>`,
        );
        return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}${`<rect x="${left}" y="${bottom + 36 + index * 15}" width="12" height="4" fill="${colour}"/>`}${text(left + 18, bottom + 42 + index * 15, name)}`;
      });
      return (
        heading(panel) +
        grid.join('') +
        curves.join('') +
        text((left + right) / 2, bottom + 28, x, 'middle') +
        text(left, top - 6, y)
      );
    }),
    250 + Math.max(...panels.map(({ lines }) => lines.length)) * 12,
  );
}

/** Panels two abreast, on white: the page behind may be dark. */
function page(title: string, panels: readonly string[], height: number): string {
  const rows = Math.ceil(panels.length / 2);
  const placed = panels.map(
    (panel, index) =>
      `<g transform="translate(${(index % 2) * WIDTH + 10} ${Math.floor(index / 2) * height + 6})">${panel}</g>\n`,
  );
  const [wide, high] = [2 * WIDTH + 20, rows * height + 12];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" width="${wide}" height="${high}" font-family="system-ui, sans-serif" font-size="11" fill="${INK}">\n<title>${escaped(title)}</title>\n<rect width="100%" height="100%" fill="#fff"/>\n${placed.join('')}</svg>\n`;
}

const heading = (title: string) => `<text x="4" y="14" font-weight="600">${escaped(title)}</text>`;

const text = (x: number, y: number, content: string, anchor = 'start') =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`;

const rule = (x1: number, y1: number, x2: number, y2: number) =>
  `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#d0d7de"/>`;

const escaped = (content: string) => content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

const grouped = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 2 });

/** The powers of ten around all values. */
const decades = (values: readonly number[]): readonly [number, number] => {
  const low = Math.floor(Math.log10(Math.min(...values)));
  return [low, Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))];
};

const powers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, step) => 10 ** (from + step));

const place = (value: number, from: number, to: number, start: number, end: number) =>
  Math.round((start + ((Math.log10(value) - from) / (to - from)) * (end - start)) * 10) / 10;
