// SPDX-License-Identifier: Apache-2.0
// Lines over time, drawn as SVG. All plots show the same moment when the pointer rests on one of them.
import { h, svg, replace } from './dom.js';
import { clock } from './format.js';

const hover = new EventTarget();
let hovered = null;  // seconds since 1970
function point(at) {
  hovered = at;
  hover.dispatchEvent(new Event('move'));
}

// 0, 1, 2, 5, 10, 20, …: a round number that is not less; for bytes of 1024.
function roundUp(value, base) {
  if (value <= 0) return 1;
  const unit = base === 1024 ? 1024 ** Math.floor(Math.log(value) / Math.log(1024)) : 1;
  const scaled = value / unit;
  const power = 10 ** Math.floor(Math.log10(scaled));
  return [1, 2, 4, 5, 8, 10].map((step) => step * power * unit).find((step) => step >= value * 0.999) ?? 10 * power * unit;
}

function nearest(times, at) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low > 0 && at - times[low - 1] < times[low] - at ? low - 1 : low;
}

// "M…L…" with gaps where nothing is known.
function line(times, values, x, y, gap) {
  let path = '';
  let before = null;
  for (let i = 0; i < times.length; ++i) {
    if (values[i] === null || values[i] === undefined) {
      before = null;
      continue;
    }
    path += `${before === null || times[i] - before > gap ? 'M' : 'L'}${x(times[i]).toFixed(1)} ${y(values[i]).toFixed(1)}`;
    before = times[i];
  }
  return path;
}

function area(path, x0, bottom) {
  return path.split('M').filter(Boolean).map((piece) => {
    const points = piece.split('L');
    return `M${points[0].split(' ')[0]} ${bottom}L${points.join('L')}L${points.at(-1).split(' ')[0]} ${bottom}Z`;
  }).join('');
}

export class Plot {
  // series: [{ name, label }], the first is filled below. format: number → text. base: 1024 for bytes.
  constructor({ title, series, format, base, least = 0, height = 150, note = '' }) {
    Object.assign(this, { title, series, format, base, least, height });
    this.data = { times: [], values: {} };
    this.values = series.map(() => h('b', {}, '–'));
    this.when = h('span', { class: 'when' });
    this.canvas = svg('svg', { class: 'canvas', role: 'img', height });
    this.marks = svg('g', { class: 'marks' });
    this.element = h('figure', { class: 'plot card' },
      h('figcaption', {}, h('h3', {}, title), note && h('small', {}, note), this.when),
      this.canvas,
      h('ul', { class: 'legend' }, series.map((each, i) =>
        h('li', {}, h('i', { class: `s${i + 1}` }), h('span', {}, each.label), this.values[i]))));
    this.canvas.addEventListener('pointermove', (event) => this.pointed(event));
    this.canvas.addEventListener('pointerleave', () => point(null));
    this.onMove = () => this.mark();
    hover.addEventListener('move', this.onMove);
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(this.canvas);
  }

  close() {
    this.watcher.disconnect();
    hover.removeEventListener('move', this.onMove);
  }

  // times: seconds since 1970; values: name → numbers or null; from, to: what is shown.
  show(data) {
    this.data = data;
    this.draw();
  }

  pointed(event) {
    const box = this.canvas.getBoundingClientRect();
    const { from, to } = this.data;
    if (from === undefined) return;
    point(from + ((event.clientX - box.left - this.left) / (box.width - this.left - 4)) * (to - from));
  }

  draw() {
    const width = this.canvas.clientWidth;
    const { times, values, from, to } = this.data;
    if (!width || from === undefined) return;
    const [top, bottom] = [8, this.height - 18];
    const largest = Math.max(this.least, ...this.series.map(({ name }) => (values[name] ?? []).reduce((most, v) => Math.max(most, v ?? 0), 0)));
    const most = roundUp(largest, this.base);
    const marks = [0, most / 2, most];
    this.left = 10 + Math.max(...marks.map((mark) => this.format(mark).length)) * 6.2;
    this.x = (at) => this.left + ((at - from) / (to - from)) * (width - this.left - 4);
    this.y = (value) => bottom - (Math.min(value, most) / most) * (bottom - top);
    const gap = (to - from) / 20;
    const grid = marks.flatMap((mark) => [
      svg('line', { class: 'grid', x1: this.left, x2: width - 4, y1: this.y(mark), y2: this.y(mark) }),
      svg('text', { class: 'tick', x: this.left - 6, y: this.y(mark) + 3.5, 'text-anchor': 'end' }, this.format(mark))]);
    const hours = [0, 1, 2, 3].map((i) => {
      const at = from + ((to - from) * i) / 3;
      return svg('text', { class: 'tick', x: this.x(at), y: this.height - 3, 'text-anchor': i === 0 ? 'start' : i === 3 ? 'end' : 'middle' },
        clock(at, to - from < 1200));
    });
    const lines = this.series.map(({ name }, i) => [name, i]).reverse().flatMap(([name, i]) => {
      const path = line(times, values[name] ?? [], this.x, this.y, gap);
      return [i === 0 && path && svg('path', { class: 'area s1', d: area(path, this.left, bottom) }),
        svg('path', { class: `line s${i + 1}`, d: path })];
    });
    replace(this.canvas, grid, hours, lines, this.marks);
    this.mark();
  }

  // What holds at the moment that is pointed at, or now.
  mark() {
    const { times, values, to } = this.data;
    if (!times.length || !this.x) return;
    const i = hovered === null ? times.length - 1 : nearest(times, hovered);
    this.series.forEach(({ name }, n) => {
      this.values[n].textContent = this.format(values[name]?.[i] ?? null);
    });
    this.when.textContent = hovered === null ? '' : clock(times[i]);
    this.canvas.setAttribute('aria-label', `${this.title}: ${this.series.map(({ label }, n) => `${label} ${this.values[n].textContent}`).join(', ')}`);
    if (hovered === null || to === undefined) return replace(this.marks);
    const x = this.x(times[i]);
    replace(this.marks, svg('line', { class: 'cross', x1: x, x2: x, y1: 8, y2: this.height - 18 }),
      this.series.map(({ name }, n) => values[name]?.[i] !== null && values[name]?.[i] !== undefined &&
        svg('circle', { class: `dot s${n + 1}`, cx: x, cy: this.y(values[name][i]), r: 3.5 })));
  }
}

// A line without words, for tiles.
export function spark(values) {
  const known = values.filter((value) => value !== null);
  const most = Math.max(1e-9, ...known);
  const times = values.map((_, i) => i);
  const x = (i) => (i / Math.max(1, values.length - 1)) * 100;
  const y = (value) => 23 - (value / most) * 21;
  const path = line(times, values, x, y, 2);
  return svg('svg', { class: 'spark', viewBox: '0 0 100 24', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('path', { class: 'area s1', d: area(path, 0, 24) }), svg('path', { class: 'line s1', d: path }));
}
