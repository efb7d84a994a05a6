// SPDX-License-Identifier: Apache-2.0
// Services outside: whether they are reached, and how long calls wait.
import { repeat, run } from './api.js';
import { h, notice, put, replace, say } from './dom.js';
import { count, micros } from './format.js';

function health(pool) {
  const [connected, all] = pool.connected.split(' of ').map(Number);
  if (connected === all) return ['good', 'connected'];
  return connected === 0 ? ['bad', 'down'] : ['warn', 'partly down'];
}

// A line, or all there is.
export function poolCard(pool, small) {
  const [kind, word] = health(pool);
  const lost = pool.failed + pool.timed_out + pool.refused;
  const head = [h('i', { class: `light ${kind}`, title: word }), h('b', {}, pool.pool), h('span', { class: `badge ${kind}` }, `${pool.connected} ${word}`)];
  if (small) return h('div', { class: 'pool small' }, head, h('small', {}, `${count(pool.queued)} queued · ${micros(pool.mean_us)}`));
  const fact = (label, value, bad) => h('div', { class: bad ? 'bad' : '' }, h('dt', {}, label), h('dd', {}, value));
  return h('section', { class: 'pool card', 'data-pool': pool.pool },
    h('header', {}, head, h('small', {}, pool.strategy)),
    h('dl', {}, fact('Queued', count(pool.queued), pool.queued > 100), fact('Under way', count(pool.under_way)),
      fact('Calls', count(pool.calls)), fact('Mean time', micros(pool.mean_us)), fact('Connects', count(pool.connects)),
      fact('Failed', count(pool.failed), pool.failed > 0), fact('Timed out', count(pool.timed_out), pool.timed_out > 0),
      fact('Refused', count(pool.refused), pool.refused > 0)),
    pool.last_error && h('p', { class: kind === 'good' && !lost ? 'note' : 'wrong' }, `Last trouble: ${pool.last_error}`),
    pool.next_try_ms !== null && h('p', { class: 'note' }, `Next try in ${micros(pool.next_try_ms * 1000)}`),
    h('footer', {}, h('button', { onclick: (event) => test(event.currentTarget, pool.pool) }, 'Try a connection')));
}

async function test(button, pool) {
  button.disabled = true;
  try {
    const { rows } = await run('pool test', { pool });
    for (const each of rows)
      say(each.reachable ? `${each.pool} answered after ${each.took_ms} ms.` : `${each.pool}: ${each.error}`, each.reachable ? 'good' : 'bad');
  } catch (failure) {
    say(failure.message, 'bad');
  }
  button.disabled = false;
}

export const pools = {
  title: 'Pools',
  enter({ body, signal }) {
    repeat(2000, async (stop) => {
      const { rows } = await run('pool list', {}, stop);
      // What has the focus shall keep it.
      if (body.contains(document.activeElement)) return;
      replace(body);
      put(body, rows.length ? h('div', { class: 'pools-grid' }, rows.map((pool) => poolCard(pool, false)))
        : notice('There are no outgoing pools', 'This server uses no service outside; tables of [outgoing_pools] make some.'));
    }, signal, (failure) => replace(body, notice('Not shown', failure.message, 'bad')));
  },
};
