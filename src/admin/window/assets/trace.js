// SPDX-License-Identifier: Apache-2.0
// The stanzas of one address, as they come and go; what people wrote is left out by the server.
import { Refused, repeat, run } from './api.js';
import { h, notice, replace, say } from './dom.js';
import { duration, timeOfDay } from './format.js';

const ways = { in: ['→', 'from the client'], out: ['←', 'to the client'], note: ['·', 'about the trace'], end: ['■', 'the trace has ended'] };

// "<message to='…' type='chat'>…" → "message chat"
function title(text) {
  const [, name] = text.match(/^<([\w:-]+)/) ?? [];
  if (!name) return '';
  const [, type] = text.match(/^<[^>]*\stype=['"](\w+)['"]/) ?? [];
  return type ? `${name} ${type}` : name;
}

function stanzaOf(row) {
  const [sign, meaning] = ways[row.way] ?? ways.note;
  const text = row.text ?? '';
  return h('div', { class: `stanza ${row.way}` },
    h('span', { class: 'way', title: meaning, 'aria-label': meaning }, sign),
    h('div', {},
      h('div', { class: 'line1' }, h('b', {}, title(text)), h('small', {}, row.session ?? ''), h('time', {}, timeOfDay(row.when))),
      h('pre', {}, text)));
}

export const trace = {
  title: 'Trace',
  enter({ body, about, signal }) {
    const whom = h('input', { name: 'address', required: true, value: about, placeholder: 'alice@example.org', spellcheck: 'false', autocapitalize: 'none' });
    const start = h('button', { class: 'primary', id: 'start-trace' }, 'Start');
    const stop = h('button', { type: 'button', id: 'stop-trace', hidden: true, onclick: () => end('Stopped.') }, 'Stop');
    const state = h('p', { class: 'note', role: 'status' },
      'Shows the stanzas of an account or a session as they pass. Message bodies and other private content are left out; the trace ends by itself.');
    const stanzas = h('div', { class: 'stanzas' });
    let running = null;  // { id, until, stopped: AbortController }

    replace(body,
      h('form', { class: 'card trace-form', onsubmit: begin }, h('label', {}, 'Address ', whom), start, stop),
      state, h('section', { class: 'card' }, stanzas));
    replace(stanzas, notice('Nothing seen yet', 'Start a trace, and stanzas appear here, the newest first.'));
    signal.addEventListener('abort', () => running && end(''));

    async function begin(event) {
      event.preventDefault();
      if (running) return;
      try {
        const { record } = await run('trace start', { address: whom.value.trim() });
        running = { id: record.id, until: new Date(record.until).getTime(), stopped: new AbortController() };
      } catch (failure) {
        return say(failure.message, 'bad');
      }
      if (signal.aborted) return end('');
      start.hidden = true;
      stop.hidden = false;
      whom.disabled = true;
      replace(stanzas, notice('Waiting', `Nothing was sent to or by ${whom.value.trim()} yet.`));
      const mine = running;
      let last = 0;
      repeat(700, async (stopped) => {
        const { rows } = await run('trace read', { id: mine.id, since: last }, stopped);
        if (running !== mine) return;
        if (rows.length && last === 0) replace(stanzas);
        for (const row of rows) {
          stanzas.prepend(stanzaOf(row));
          last = row.number;
        }
        while (stanzas.childElementCount > 300) stanzas.lastElementChild.remove();
        const over = rows.find((row) => row.way === 'end');
        if (over) await end(over.text);
        else tell(mine);
      }, AbortSignal.any([signal, mine.stopped.signal]), (failure) => running === mine && end(failure.message));
    }

    function tell(mine) {
      const left = Math.round((mine.until - Date.now()) / 1000);
      replace(state, h('span', { class: 'running' }, h('i', { class: 'light good' }), `Tracing ${whom.value.trim()}`,
        Number.isFinite(left) && h('small', {}, `ends by itself in ${duration(Math.max(0, left))}`)));
      if (left < -3) end('The trace has ended.');
    }

    async function end(sentence) {
      const mine = running;
      running = null;
      if (mine) mine.stopped.abort();
      start.hidden = false;
      stop.hidden = true;
      whom.disabled = false;
      replace(state, sentence);
      try {
        if (mine) await run('trace stop', { id: mine.id });
      } catch (failure) {
        // It has ended by itself.
        if (!(failure instanceof Refused)) throw failure;
      }
    }
  },
};
