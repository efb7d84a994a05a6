// SPDX-License-Identifier: Apache-2.0
// Asks the server. The cookie is half of the session; the other half lies where only this page can read it.
const key = 'meerkat.token';

// The server said no, in a sentence for people.
export class Refused extends Error {
  constructor(error) {
    super(error.sentence);
    this.code = error.code;
  }
}
// Nobody answers, or not as a server does.
export class Offline extends Error {}

export const link = new EventTarget();
let online = true;

function setOnline(now) {
  if (online === now) return;
  online = now;
  link.dispatchEvent(new Event('change'));
}
export const isOnline = () => online;

export function keepToken(token) {
  localStorage.setItem(key, token);
}

let going = false;
export function goToLogin(why) {
  if (going) return;
  going = true;
  localStorage.removeItem(key);
  sessionStorage.setItem('meerkat.view', location.hash);
  location.replace(`login#${why}`);
}

export async function ask(path, body, signal) {
  let response;
  try {
    response = await fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'X-Meerkat-Token': localStorage.getItem(key) ?? '',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
      signal,
    });
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
    setOnline(false);
    throw new Offline('the server does not answer');
  }
  let answer = null;
  try {
    answer = await response.json();
  } catch (failure) {
    if (failure.name === 'AbortError') throw failure;
  }
  if (answer === null && response.status >= 500) {
    setOnline(false);
    throw new Offline('the server does not answer as it should');
  }
  setOnline(true);
  if (answer?.error) throw Object.assign(new Refused(answer.error), { status: response.status });
  if (!response.ok || answer === null) throw new Refused({ code: 'strange', sentence: `the server answered ${response.status}` });
  return answer;
}

const toObject = (columns, row) => Object.fromEntries(columns.map((column, i) => [column.name, row[i] ?? null]));

// Has a command run: { rows, columns, more } of a table, { record, columns }, or { sentence }.
export async function run(command, given = {}, signal) {
  const given_ = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== '' && value !== null && value !== undefined));
  let answer;
  try {
    answer = await ask('api/run', { command, arguments: given_ }, signal);
  } catch (failure) {
    if (failure instanceof Refused && (failure.code === 'not_logged_in' || failure.code === 'not_from_the_page'))
      goToLogin('again');
    throw failure;
  }
  if (answer.rows) return { ...answer, rows: answer.rows.map((row) => toObject(answer.columns, row)) };
  if (answer.record) return { ...answer, record: toObject(answer.columns, answer.record) };
  return answer;
}

const wait = (time, signal) => new Promise((resolve) => {
  const timer = setTimeout(resolve, time);
  signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
});
const shown = (signal) => new Promise((resolve) => {
  if (!document.hidden) return resolve();
  document.addEventListener('visibilitychange', resolve, { once: true, signal });
  signal.addEventListener('abort', resolve, { once: true });
});

// Does it again and again until the signal says stop; rests while nobody looks. `refused` is told what was refused.
export async function repeat(time, work, signal, refused) {
  while (!signal.aborted) {
    try {
      await work(signal);
    } catch (failure) {
      if (signal.aborted || failure.name === 'AbortError') return;
      if (failure instanceof Refused) refused?.(failure);
      else if (!(failure instanceof Offline)) throw failure;
    }
    await wait(online ? time : 1500, signal);
    await shown(signal);
  }
}
