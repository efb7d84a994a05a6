// SPDX-License-Identifier: Apache-2.0
// The frame of the page: which view is shown, who is logged in, and whether the server answers.
import { Offline, Refused, ask, goToLogin, isOnline, link } from './api.js';
import { h, icon, notice, replace, say } from './dom.js';
import { duration } from './format.js';
import { configuration } from './configuration.js';
import { log } from './log.js';
import { overview } from './overview.js';
import { pools } from './pools.js';
import { sessions } from './sessions.js';
import { slow } from './slow.js';
import { trace } from './trace.js';

const views = { overview, sessions, pools, slow, configuration, log, trace };
const stage = document.getElementById('view');
let leaving = new AbortController();

function wanted() {
  const [name, ...rest] = location.hash.slice(1).split('/');
  return { name: Object.hasOwn(views, name) ? name : 'overview', about: decodeURIComponent(rest.join('/')) };
}

function show() {
  leaving.abort();
  leaving = new AbortController();
  const { name, about } = wanted();
  const view = views[name];
  document.title = `${view.title} · Meerkat`;
  for (const each of document.querySelectorAll('#views a'))
    if (each.hash === `#${name}`) each.setAttribute('aria-current', 'page');
    else each.removeAttribute('aria-current');
  const tools = h('div', { class: 'tools' });
  const body = h('div', { class: `body ${name}` });
  replace(stage, h('header', { class: 'head' }, h('h1', {}, view.title), tools), body);
  try {
    view.enter({ body, tools, about, signal: leaving.signal });
  } catch (failure) {
    replace(body, notice('This view does not work', String(failure), 'bad'));
  }
}

async function logOut() {
  leaving.abort();  // what is asked for meanwhile would be refused, and tell another reason
  try {
    await ask('api/logout', {});
  } catch (failure) {
    if (failure instanceof Offline) return say('The server does not answer; you are not logged out.', 'bad');
    if (!(failure instanceof Refused)) throw failure;
  }
  goToLogin('out');
}

function showNavigation(me) {
  replace(document.getElementById('views'),
    Object.entries(views).map(([name, view]) =>
      h('li', {}, h('a', { href: `#${name}` }, icon(name), h('span', { class: 'long' }, view.title), h('span', { class: 'short' }, view.short ?? view.title)))),
    h('li', { class: 'leave' }, h('button', { id: 'logout', class: 'quiet', onclick: logOut }, icon('leave'), h('span', {}, 'Log out'))));
  replace(document.getElementById('server'), `Version ${me.version}`, h('br'), `Logged in for ${duration(me.remaining)} at most`);
}

link.addEventListener('change', () => {
  document.getElementById('offline').hidden = isOnline();
});

async function begin() {
  for (;;) {
    try {
      showNavigation(await ask('api/me'));
      break;
    } catch (failure) {
      if (failure instanceof Refused) return goToLogin('again');
      if (!(failure instanceof Offline)) throw failure;
      await new Promise((resolve) => { setTimeout(resolve, 1500); });
    }
  }
  addEventListener('hashchange', show);
  const view = sessionStorage.getItem('meerkat.view');
  sessionStorage.removeItem('meerkat.view');
  if (!location.hash && view) location.replace(view);
  else show();
}
begin();
