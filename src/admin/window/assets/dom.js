// SPDX-License-Identifier: Apache-2.0
// Elements made by hand. What comes from the server is text and stays text: nothing here reads markup.
const svgNamespace = 'http://www.w3.org/2000/svg';

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  put(element, ...children);
  return element;
}

// h('p', { class: 'note' }, 'text', otherElement)
export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
export const svg = (tag, attributes, ...children) =>
  fill(document.createElementNS(svgNamespace, tag), attributes, children);

export function put(element, ...children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === false) continue;
    element.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
}

export function replace(element, ...children) {
  element.replaceChildren();
  put(element, ...children);
}

const paths = {
  overview: 'M3 13h5l2-7 4 13 2.5-6H21',
  sessions: 'M8.5 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7Zm-6 9c0-3.5 2.600-6 6-6s6 2.5 6 6M16 4.5a3.300 3.300 0 0 1 0 6.300M17.5 14.300c2.400.7 4 2.900 4 5.700',
  pools: 'M12 9c4.400 0 8-1.300 8-3s-3.600-3-8-3-8 1.300-8 3 3.600 3 8 3ZM4 6v6c0 1.700 3.600 3 8 3s8-1.300 8-3V6M4 12v6c0 1.700 3.600 3 8 3s8-1.300 8-3v-6',
  slow: 'M12 21a8 8 0 1 0 0-16 8 8 0 0 0 0 16Zm0-12v4l2.5 2M9.5 2.5h5',
  configuration: 'M4 7h9m5 0h2M4 17h2m5 0h9M15.5 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm-7 10a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Z',
  log: 'M5 4h14v16H5zM8.5 8.5h7M8.5 12h7M8.5 15.5h4',
  trace: 'M4 12h3m10 0h3M12 4v3m0 10v3M12 16.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9Zm0-4.5h.01',
  leave: 'M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9',
  search: 'M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Zm5-1.5L20 20',
};
export const icon = (name) =>
  svg('svg', { class: 'icon', viewBox: '0 0 24 24', 'aria-hidden': 'true' }, svg('path', { d: paths[name] }));

// A dialog that is closed with Escape, its ✕, or by what it does. Resolves with what `close` was called with.
export function openDialog(title, build) {
  return new Promise((resolve) => {
    const close = (value) => {
      dialog.close();
      resolve(value);
    };
    const dialog = h('dialog', { 'aria-label': title, oncancel: () => resolve(undefined), onclose: () => dialog.remove() },
      h('header', {}, h('h2', {}, title),
        h('button', { class: 'quiet', 'aria-label': 'Close', onclick: () => close(undefined) }, '✕')));
    put(dialog, build(close));
    dialog.addEventListener('click', (event) => event.target === dialog && close(undefined));
    document.body.append(dialog);
    dialog.showModal();
  });
}

// A sentence at the bottom of the window, for some seconds.
export function say(sentence, kind = 'good') {
  const note = h('p', { class: `toast ${kind}`, role: 'status' }, sentence);
  document.getElementById('toasts').append(note);
  setTimeout(() => note.remove(), 6000);
}

export const notice = (title, sentence, kind = '') =>
  h('div', { class: `notice ${kind}` }, h('strong', {}, title), sentence && h('p', {}, sentence));

// Calls `then` when nothing was typed for a moment.
export function typed(input, then) {
  let timer = 0;
  input.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(then, 200);
  });
}

// A group of buttons of which one is chosen; calls `then` with its value.
export function choice(label, values, chosen, then) {
  const buttons = values.map(([value, text]) =>
    h('button', {
      type: 'button', 'aria-pressed': String(value === chosen),
      onclick: (event) => {
        for (const button of buttons) button.setAttribute('aria-pressed', String(button === event.currentTarget));
        then(value);
      },
    }, text));
  return h('div', { class: 'choice', role: 'group', 'aria-label': label }, buttons);
}
