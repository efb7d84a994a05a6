// SPDX-License-Identifier: Apache-2.0
// Who is logged in: searched, looked at, ended.
import { repeat, run } from './api.js';
import { h, icon, notice, openDialog, replace, say, typed } from './dom.js';
import { cell, count, duration } from './format.js';

const perPage = 50;
const columns = [['Address'], ['From', 'wide'], ['Encryption', 'wide'], ['State'], ['Unacked', 'number wide'], ['Open for', 'number wide'], ['']];

function address(text) {
  const slash = text.indexOf('/');
  return slash < 0 ? [h('b', {}, text)] : [h('b', {}, text.slice(0, slash)), h('span', { class: 'resource' }, text.slice(slash))];
}

const names = {
  address: 'Address', ip: 'From', security: 'Encryption', available: 'Available', priority: 'Priority', uptime: 'Open for',
  state: 'State', unacknowledged: 'Not acknowledged', remaining: 'Waits for its client', since: 'Since', waiting: 'Not read yet',
  unanswered: 'Requests under way',
};

async function kick(who) {
  const sure = await openDialog('End this session?', (close) => {
    const reason = h('input', { name: 'reason', placeholder: 'Your session was ended by the administrator.', maxlength: 200 });
    return h('form', { onsubmit: (event) => (event.preventDefault(), close({ reason: reason.value })) },
      h('p', {}, 'The client of ', h('b', {}, who), ' is told why and disconnected. It may log in again.'),
      h('label', {}, 'What it is told ', reason),
      h('footer', {}, h('button', { type: 'button', onclick: () => close(undefined) }, 'Cancel'),
        h('button', { class: 'danger', id: 'kick-now' }, 'End the session')));
  });
  if (!sure) return false;
  try {
    say((await run('session kick', { address: who, reason: sure.reason })).sentence);
    return true;
  } catch (failure) {
    say(failure.message, 'bad');
    return false;
  }
}

async function details(who, refresh) {
  let found;
  try {
    found = await run('session info', { address: who });
  } catch (failure) {
    return say(failure.message, 'bad');
  }
  const [row] = found.rows;
  return openDialog('Session', (close) => [
    h('p', { class: 'who' }, address(row.address)),
    h('dl', { class: 'details' }, found.columns.slice(1).filter(({ name }) => row[name] !== null).map(({ name, type }) =>
      h('div', {}, h('dt', {}, names[name] ?? name), h('dd', {}, cell(row[name], type))))),
    row.security === null && h('p', { class: 'wrong' }, 'This connection is not encrypted.'),
    h('footer', {},
      h('a', { class: 'button', href: `#trace/${encodeURIComponent(who.split('/')[0])}`, onclick: () => close() }, 'Trace its stanzas'),
      h('button', { class: 'danger', onclick: async () => { close(); if (await kick(row.address)) refresh(); } }, 'End the session')),
  ]);
}

function rowOf(row, refresh) {
  const open = () => details(row.address, refresh);
  return h('tr', { 'data-address': row.address, onclick: (event) => event.target.closest('button') || open() },
    h('td', {}, h('button', { class: 'address', onclick: open }, address(row.address))),
    h('td', { class: 'wide' }, row.ip ?? ''),
    h('td', { class: 'wide' }, row.security === null ? h('span', { class: 'badge warn' }, 'in clear') : row.security),
    h('td', {}, h('span', { class: `badge ${row.state === 'connected' ? 'good' : 'warn'}` },
      row.state === 'connected' ? (row.available ? 'available' : 'connected') : `away, ${duration(row.remaining)} left`)),
    h('td', { class: 'number wide' }, row.unacknowledged === null ? '' : count(row.unacknowledged)),
    h('td', { class: 'number wide' }, duration(row.uptime)),
    h('td', { class: 'act' }, h('button', { class: 'quiet danger kick', onclick: async () => { if (await kick(row.address)) refresh(); } }, 'End')));
}

export const sessions = {
  title: 'Sessions',
  enter({ body, tools, about, signal }) {
    let skip = 0;
    let again = new AbortController();
    const search = h('input', { type: 'search', placeholder: 'Address or IP', 'aria-label': 'Search sessions', value: about });
    const total = h('span', { class: 'note' });
    const table = h('div', { class: 'card scroll' });
    const back = h('button', { onclick: () => turn(-perPage) }, 'Back');
    const next = h('button', { onclick: () => turn(perPage) }, 'Next');
    const where = h('span', { class: 'note' });
    tools.append(h('label', { class: 'search' }, icon('search'), search), total);
    replace(body, table, h('footer', { class: 'pager' }, back, where, next));

    const refresh = () => {
      again.abort();
      again = new AbortController();
      repeat(3000, look, AbortSignal.any([signal, again.signal]), (failure) => replace(table, notice('Not shown', failure.message, 'bad')));
    };
    const turn = (by) => {
      skip = Math.max(0, skip + by);
      refresh();
    };
    typed(search, () => {
      skip = 0;
      refresh();
    });

    async function look(stop) {
      const wanted = search.value.trim();
      const { rows } = await run('session list', { search: wanted, skip, limit: perPage + 1 }, stop);
      const counted = await run('session count', {}, stop);
      const all = counted.rows.reduce((sum, row) => sum + row.sessions, 0);
      total.textContent = `${count(all)} ${all === 1 ? 'session' : 'sessions'}`;
      back.disabled = skip === 0;
      next.disabled = rows.length <= perPage;
      const shown = rows.slice(0, perPage);
      where.textContent = shown.length ? `${skip + 1} – ${skip + shown.length}` : '';
      // What has the focus shall keep it.
      const focused = document.activeElement?.closest?.('tr')?.dataset.address;
      const inKick = document.activeElement?.classList.contains('kick');
      if (!shown.length) replace(table, wanted ? notice('Nobody found', `No session has “${wanted}” in its address or IP.`) : notice('Nobody is logged in', 'Sessions appear here as clients log in.'));
      else
        replace(table, h('table', { class: 'rows' },
          h('thead', {}, h('tr', {}, columns.map(([head, kind]) => h('th', { class: kind }, head)))),
          h('tbody', {}, shown.map((row) => rowOf(row, refresh)))));
      if (focused) [...table.querySelectorAll('tr')].find((each) => each.dataset.address === focused)?.querySelector(inKick ? '.kick' : '.address')?.focus();
    }
    refresh();
  },
};
