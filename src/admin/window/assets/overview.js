// SPDX-License-Identifier: Apache-2.0
// How the server is, and has been: tiles, plots, workers, pools, what took longest.
import { repeat, run } from './api.js';
import { choice, h, notice, replace } from './dom.js';
import { bytes, clock, count, duration, micros, percent } from './format.js';
import { Plot, spark } from './plot.js';
import { poolCard } from './pools.js';
import { slowTable } from './slow.js';

const ranges = {
  '5 min': { every: 'second', span: 300, poll: 1000 },
  '1 h': { every: 'minute', span: 3600, poll: 5000 },
  '24 h': { every: 'minute', span: 86400, poll: 5000 },
};

const perSecond = (name) => (sample) => (sample[name] === null ? null : sample[name] / sample.seconds);
// Of the last quarter of a minute at least: single seconds would only flicker.
const perMinute = (name) => (sample, i, all) => {
  let [happened, seconds] = [0, 0];
  for (let at = i; at >= 0 && seconds < 15; --at) {
    happened += all[at][name] ?? 0;
    seconds += all[at].seconds;
  }
  return sample[name] === null ? null : (happened * 60) / seconds;
};
const as = (name) => (sample) => sample[name];
const rate = (value) => count(value === null ? null : value >= 100 ? Math.round(value) : value);

// What is drawn: a series takes its value out of a sample.
const drawn = {
  sessions: as('sessions'), detached: as('detached'), strangers: as('strangers'),
  messages_in: perSecond('messages_in'), messages_out: perSecond('messages_out'),
  logins: perMinute('logins'), logouts: perMinute('logouts'), failed_logins: perMinute('failed_logins'),
  stanza_p50_us: as('stanza_p50_us'), stanza_p95_us: as('stanza_p95_us'), stanza_p99_us: as('stanza_p99_us'),
  memory: as('memory'), heap: as('heap'), lag_us: as('lag_us'),
  bytes_in: perSecond('bytes_in'), bytes_out: perSecond('bytes_out'),
  pool_calls: perSecond('pool_calls'), pool_failures: perSecond('pool_failures'), pool_queued: as('pool_queued'),
  cpu: (sample) => (sample.cpu === null ? null : sample.cpu / 10),
};

const plots = [
  { title: 'Sessions', series: [['sessions', 'all'], ['detached', 'away, may resume'], ['strangers', 'not logged in']], format: count, least: 4 },
  { title: 'Messages', note: 'per second', series: [['messages_in', 'from clients'], ['messages_out', 'to clients']], format: rate, least: 2 },
  { title: 'Logins', note: 'per minute', series: [['logins', 'began'], ['logouts', 'ended'], ['failed_logins', 'refused']], format: rate, least: 2 },
  { title: 'Time per stanza', series: [['stanza_p50_us', 'half'], ['stanza_p95_us', '95 of 100'], ['stanza_p99_us', '99 of 100']], format: micros, least: 100 },
  { title: 'Memory', series: [['memory', 'resident'], ['heap', 'allocated']], format: bytes, base: 1024 },
  { title: 'Traffic', note: 'per second', series: [['bytes_in', 'from clients'], ['bytes_out', 'to clients']], format: bytes, base: 1024, least: 1024 },
  { title: 'Processors', note: '100 % is one', series: [['cpu', 'used']], format: percent, least: 10 },
  { title: 'Slowest worker', note: 'time until it opens its mail', series: [['lag_us', 'wait']], format: micros, least: 100 },
  { title: 'Services outside', note: 'calls per second', series: [['pool_calls', 'made'], ['pool_failures', 'failed'], ['pool_queued', 'waiting now']], format: rate, least: 2 },
];

const tiles = [
  { name: 'sessions', label: 'Sessions', format: count },
  { name: 'messages_in', label: 'Messages / s', format: rate },
  { name: 'logins', label: 'Logins / min', format: rate },
  { name: 'stanza_p95_us', label: 'Time per stanza, p95', format: micros },
  { name: 'memory', label: 'Memory', format: bytes },
  { name: 'cpu', label: 'Processors', format: percent },
];

// Keeps what was asked for, and asks for what is new only.
class Samples {
  constructor({ every, span }) {
    Object.assign(this, { every, span, all: [] });
  }

  async refresh(signal) {
    const { rows } = await run('live figures', { every: this.every, since: this.all.at(-1)?.at ?? 0 }, signal);
    this.all.push(...rows);
    const newest = this.all.at(-1)?.at;
    if (newest !== undefined) this.all = this.all.filter((sample) => sample.at > newest - this.span);
  }

  series() {
    const to = this.all.at(-1)?.at ?? Date.now() / 1000;
    const values = Object.fromEntries(Object.entries(drawn).map(([name, take]) => [name, this.all.map(take)]));
    return { times: this.all.map((sample) => sample.at), values, from: to - this.span, to };
  }
}

function showTiles(element, { values }) {
  replace(element, tiles.map(({ name, label, format }) => {
    const recent = values[name].slice(-60);
    const known = recent.filter((value) => value !== null);
    return h('div', { class: 'tile card' }, h('span', { class: 'label' }, label),
      h('b', { 'data-figure': name }, format(known.at(-1) ?? null)), spark(recent));
  }));
}

function showWorkers(element, rows) {
  const newest = new Map(rows.map((row) => [row.worker, row]));
  replace(element, [...newest.values()].map((row) => {
    const busy = row.busy === null ? null : row.busy / 10;
    return h('li', { class: busy === null ? 'bad' : '' },
      h('span', {}, `Worker ${row.worker}`),
      h('meter', { min: 0, max: 100, low: 60, high: 85, optimum: 0, value: busy ?? 100, 'aria-label': `load of worker ${row.worker}` }),
      h('b', {}, busy === null ? 'no answer' : percent(busy)),
      h('small', {}, `${count(row.sessions)} sessions · ${micros(row.lag_us)} wait`));
  }));
}

function card(title, more, ...content) {
  return h('section', { class: 'card' }, h('header', {}, h('h3', {}, title), more), content);
}
const linkTo = (name) => h('a', { href: `#${name}`, class: 'more' }, 'all of it');

export const overview = {
  title: 'Overview',
  enter({ body, tools, signal }) {
    const row = h('div', { class: 'tiles' });
    const empty = h('div', {});
    const grid = h('div', { class: 'plots' });
    const workers = h('ul', { class: 'workers' });
    const poolList = h('ul', { class: 'pool-list' });
    const slowest = h('div', {});
    const facts = h('p', { class: 'facts' });
    const all = plots.map(({ series, ...rest }) => new Plot({ ...rest, series: series.map(([name, label]) => ({ name, label })) }));
    grid.append(...all.map((plot) => plot.element));
    replace(body, facts, row, empty, grid,
      h('div', { class: 'pair' }, card('Workers', null, workers), card('Pools', linkTo('pools'), poolList)),
      card('Slowest events of the last minutes', linkTo('slow'), slowest));
    signal.addEventListener('abort', () => all.forEach((plot) => plot.close()));

    let range = new AbortController();
    const refused = (failure) => replace(empty, notice('No figures', failure.message, 'bad'));
    const begin = (name) => {
      range.abort();
      range = new AbortController();
      const samples = new Samples(ranges[name]);
      repeat(ranges[name].poll, async (stop) => {
        await samples.refresh(stop);
        replace(empty, samples.all.length === 0 && notice('Nothing to draw yet', 'The first minute of this server is not over.'));
        const series = samples.series();
        showTiles(row, series);
        all.forEach((plot) => plot.show(series));
      }, AbortSignal.any([signal, range.signal]), refused);
    };
    tools.append(choice('Range', Object.keys(ranges).map((name) => [name, name]), '5 min', begin));
    begin('5 min');

    repeat(2000, async (stop) => showWorkers(workers, (await run('live workers', {}, stop)).rows), signal);
    repeat(5000, async (stop) => {
      const { rows } = await run('pool list', {}, stop);
      replace(poolList, rows.length ? rows.map((pool) => h('li', {}, poolCard(pool, true))) : h('li', { class: 'note' }, 'There are no outgoing pools.'));
      const { record } = await run('status', {}, stop);
      replace(facts, h('span', {}, record.hosts.join(', ')), h('span', {}, `up for ${duration(record.uptime)}`),
        h('span', {}, `${count(record.connections)} connections`), h('span', {}, `${record.workers} workers`),
        record.descriptors !== null && h('span', {}, `${count(record.descriptors)} of ${count(record.most_descriptors)} descriptors`),
        h('span', { class: 'time' }, clock(Date.now() / 1000)));
    }, signal);
    repeat(5000, async (stop) => replace(slowest, slowTable((await run('live slowest', { limit: 8 }, stop)).rows)), signal);
  },
};
