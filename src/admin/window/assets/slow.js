// SPDX-License-Identifier: Apache-2.0
// What took longest lately.
import { repeat, run } from './api.js';
import { choice, h, notice, replace } from './dom.js';
import { micros, timeOfDay } from './format.js';

export function slowTable(rows) {
  if (!rows.length) return notice('All quick', 'Nothing took longer than a millisecond.');
  const longest = Math.max(...rows.map((row) => row.took_us));
  return h('div', { class: 'scroll' }, h('table', {},
    h('thead', {}, h('tr', {}, [['Took', 'number'], ['', 'wide'], ['What'], ['Detail'], ['Host type', 'wide'], ['When', 'wide']].map(([head, kind]) => h('th', { class: kind }, head)))),
    h('tbody', {}, rows.map((row) => h('tr', {},
      h('td', { class: 'number' }, micros(row.took_us)),
      h('td', { class: 'bar wide' }, h('progress', { max: longest, value: row.took_us, 'aria-hidden': 'true' })),
      h('td', {}, h('code', {}, row.what)), h('td', {}, row.detail ?? ''), h('td', { class: 'wide' }, row.host_type ?? ''),
      h('td', { class: 'wide' }, timeOfDay(row.when)))))));
}

export const slow = {
  title: 'Slowest events',
  short: 'Slowest',
  enter({ body, tools, signal }) {
    const table = h('div', { class: 'card' });
    replace(body, table);
    let minutes = 5;
    let again = new AbortController();
    const begin = () => {
      again.abort();
      again = new AbortController();
      repeat(3000, async (stop) => replace(table, slowTable((await run('live slowest', { minutes, limit: 100 }, stop)).rows)),
        AbortSignal.any([signal, again.signal]), (failure) => replace(table, notice('Not shown', failure.message, 'bad')));
    };
    tools.append(choice('How far to look back', [[1, '1 min'], [5, '5 min'], [10, '10 min']], minutes, (wish) => {
      minutes = wish;
      begin();
    }));
    begin();
  },
};
