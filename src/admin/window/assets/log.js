// SPDX-License-Identifier: Apache-2.0
// What the server logs, as it does.
import { repeat, run } from './api.js';
import { choice, h, icon, notice, replace, typed } from './dom.js';
import { timeOfDay } from './format.js';

const mostLines = 1000;
const levels = [['debug', 'all'], ['notice', 'notice'], ['warning', 'warning'], ['error', 'error']];

// logfmt: key=value key="several words"
const fields = (text) => [...String(text ?? '').matchAll(/([^\s=]+)=("(?:[^"\\]|\\.)*"|\S*)/g)].map(([, key, value]) =>
  h('span', { class: 'field' }, h('span', { class: 'key' }, `${key}=`), value));

const lineOf = (row) => h('div', { 'data-level': row.level },
  h('time', { title: row.when }, timeOfDay(row.when)),
  h('span', { class: 'level' }, row.level),
  h('span', { class: 'text' }, h('span', { class: 'what', title: row.room }, row.what), fields(row.fields)));

export const log = {
  title: 'Log',
  enter({ body, tools, signal }) {
    const search = h('input', { type: 'search', placeholder: 'Filter', 'aria-label': 'Show lines with this only' });
    const pause = h('button', { 'aria-pressed': 'false', onclick: () => setPaused(!paused) }, 'Pause');
    const lines = h('div', { class: 'lines card', tabindex: 0, role: 'log', 'aria-label': 'Lines of the log' });
    const empty = notice('Nothing to show', 'Lines appear here as the server logs them.');
    let paused = false;
    let again = new AbortController();
    let all = [];
    let level = 'notice';
    tools.append(h('label', { class: 'search' }, icon('search'), search), choice('From this level on', levels, level, (wish) => {
      level = wish;
      begin();
    }), pause);
    replace(body, lines);

    const fits = (row) => {
      const wanted = search.value.trim().toLowerCase();
      return !wanted || `${row.what} ${row.room} ${row.fields ?? ''}`.toLowerCase().includes(wanted);
    };
    // Whoever has scrolled up wants to read.
    const followed = () => lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
    function add(rows) {
      const follow = followed();
      const fresh = rows.filter(fits).map(lineOf);
      if (fresh.length) empty.remove();
      lines.append(...fresh);
      while (lines.childElementCount > mostLines) lines.firstElementChild.remove();
      if (!lines.childElementCount) lines.append(empty);
      if (follow) lines.scrollTop = lines.scrollHeight;
    }
    function begin() {
      again.abort();
      again = new AbortController();
      all = [];
      lines.replaceChildren();
      repeat(1000, async (stop) => {
        const { rows } = await run('log tail', { since: all.at(-1)?.number ?? 0, level, limit: mostLines }, stop);
        all = [...all, ...rows].slice(-mostLines);
        add(rows);
      }, AbortSignal.any([signal, again.signal]), (failure) => replace(lines, notice('Not shown', failure.message, 'bad')));
    }
    function setPaused(wish) {
      paused = wish;
      pause.textContent = paused ? 'Go on' : 'Pause';
      pause.setAttribute('aria-pressed', String(paused));
      if (paused) return again.abort();
      return begin();
    }
    typed(search, () => {
      lines.replaceChildren();
      add(all);
    });
    begin();
  },
};
