// SPDX-License-Identifier: Apache-2.0
// Numbers and times as people read them.
const unknown = '–';

export function count(value) {
  if (value === null || value === undefined) return unknown;
  if (Math.abs(value) >= 1e6) return `${trim(value / 1e6)} M`;
  if (Math.abs(value) >= 1e5) return `${trim(value / 1e3)} k`;
  return Math.abs(value) < 10 && !Number.isInteger(value) ? trim(value) : Math.round(value).toLocaleString('en');
}

const trim = (value) => String(Number(value.toFixed(Math.abs(value) < 10 ? 2 : 1)));

export function bytes(value) {
  if (value === null || value === undefined) return unknown;
  for (const [size, unit] of [[2 ** 30, 'GB'], [2 ** 20, 'MB'], [2 ** 10, 'kB']])
    if (Math.abs(value) >= size) return `${trim(value / size)} ${unit}`;
  return `${Math.round(value)} B`;
}

export function micros(value) {
  if (value === null || value === undefined) return unknown;
  if (value >= 1e6) return `${trim(value / 1e6)} s`;
  if (value >= 1e3) return `${trim(value / 1e3)} ms`;
  return `${Math.round(value)} µs`;
}

export const percent = (value) => (value === null || value === undefined ? unknown : `${trim(value)} %`);

export function duration(seconds) {
  if (seconds === null || seconds === undefined) return unknown;
  const parts = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];
  const first = parts.findIndex(([size]) => seconds >= size);
  if (first < 0) return '0 s';
  return parts.slice(first, first + 2)
    .map(([size, unit], i) => [i === 0 ? Math.floor(seconds / size) : Math.floor((seconds % parts[first][0]) / size), unit])
    .filter(([number]) => number > 0)
    .map(([number, unit]) => `${number} ${unit}`)
    .join(' ');
}

const two = (number) => String(number).padStart(2, '0');
export function clock(seconds, withSeconds = true) {
  const time = new Date(seconds * 1000);
  return `${two(time.getHours())}:${two(time.getMinutes())}${withSeconds ? `:${two(time.getSeconds())}` : ''}`;
}
// XEP-0082 "2026-01-31T10:00:00Z" → in the browser's zone.
export function moment(text) {
  if (!text) return unknown;
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) return String(text);
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ${clock(time.getTime() / 1000)}`;
}
export const timeOfDay = (text) => {
  const time = new Date(text);
  return Number.isNaN(time.getTime()) ? String(text ?? '') : `${clock(time.getTime() / 1000)}.${String(time.getMilliseconds()).padStart(3, '0')}`;
};

// How a cell of a table of the server is shown, by the type of its column.
export function cell(value, type) {
  if (value === null || value === undefined) return '';
  if (type === 'bytes') return bytes(value);
  if (type === 'duration') return duration(value);
  if (type === 'time') return moment(value);
  if (type === 'yes_no') return value ? 'yes' : 'no';
  if (type === 'number') return count(value);
  return Array.isArray(value) ? value.join(', ') : String(value);
}
