// SPDX-License-Identifier: Apache-2.0
// What holds, and where it was said.
import { Offline, run } from './api.js';
import { choice, h, icon, notice, replace, typed } from './dom.js';
import { moment } from './format.js';

// The part that was searched for stands out.
function marked(text, wanted) {
  const at = wanted ? text.toLowerCase().indexOf(wanted) : -1;
  if (at < 0) return [text];
  return [text.slice(0, at), h('mark', {}, text.slice(at, at + wanted.length)), text.slice(at + wanted.length)];
}

// "listen.c2s[0].tls.mode" → "listen.c2s[0].tls" and "mode"
function split(path) {
  const dot = path.lastIndexOf('.');
  return dot < 0 ? ['', path] : [path.slice(0, dot), path.slice(dot + 1)];
}

const originOf = ({ from, changed, host_type: hostType }) =>
  [hostType && `for ${hostType}`, from, changed && `taken up ${moment(changed)}`].filter(Boolean).join(' · ');

export const configuration = {
  title: 'Configuration',
  short: 'Config',
  async enter({ body, tools, signal }) {
    const search = h('input', { type: 'search', placeholder: 'Option or value', 'aria-label': 'Search the configuration' });
    const counted = h('span', { class: 'note' });
    let which = 'set';
    let rows = [];
    tools.append(h('label', { class: 'search' }, icon('search'), search),
      choice('Which options', [['set', 'Set'], ['all', 'All']], which, (wish) => {
        which = wish;
        show();
      }), counted);
    replace(body, h('p', { class: 'loading' }, 'Loading …'));

    function show() {
      const wanted = search.value.trim().toLowerCase();
      const fits = (row) => !wanted || `${row.option} ${row.value ?? ''} ${row.origin ?? ''}`.toLowerCase().includes(wanted);
      const shown = rows.filter((row) => (which === 'all' || !row.isDefault) && fits(row));
      counted.textContent = `${shown.length} of ${rows.length} options`;
      const sections = group(shown);
      replace(body, shown.length === 0 && notice('Nothing found', which === 'all' ? 'No option has this in its name or value.' : 'No option that was set has this; look among all of them.'),
        [...sections].map(([section, options]) => h('section', { class: 'card section' },
          h('header', {}, h('h3', {}, marked(section || 'top', wanted))),
          h('dl', { class: 'options' }, options.map((row) => h('div', { class: row.isDefault ? 'default' : '' },
            h('dt', {}, marked(split(row.option)[1], wanted)),
            h('dd', {}, marked(String(row.value ?? '–'), wanted)),
            h('span', { class: 'origin' }, row.origin)))))));
    }
    typed(search, show);
    for (;;) {
      try {
        const answer = await run('config show', {}, signal);
        rows = answer.rows.map((row) => ({ ...row, option: row.path, origin: originOf(row), isDefault: row.from === 'default' }));
        return show();
      } catch (failure) {
        if (signal.aborted) return undefined;
        if (!(failure instanceof Offline)) return replace(body, notice('Not shown', failure.message, 'bad'));
        await new Promise((resolve) => { setTimeout(resolve, 1500); });
      }
    }
  },
};

function group(rows) {
  const sections = new Map();
  for (const row of rows) {
    const [section] = split(row.option);
    sections.set(section, [...(sections.get(section) ?? []), row]);
  }
  return sections;
}
