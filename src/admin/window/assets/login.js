// SPDX-License-Identifier: Apache-2.0
// The way in: by password, or by the link that `meerkat page` prints.
const form = document.getElementById('login');
const why = document.getElementById('why');
const wrong = document.getElementById('wrong');
const reasons = {
  '#again': 'Your session has ended, or the server was started again. Please log in again.',
  '#out': 'You are logged out.',
};

function tell(element, sentence) {
  element.textContent = sentence;
  element.hidden = !sentence;
}

async function logIn(given) {
  const button = form.querySelector('button');
  button.disabled = true;
  tell(wrong, '');
  try {
    const response = await fetch('api/login', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ command: 'login', arguments: given }),
      credentials: 'same-origin',
      redirect: 'error',
    });
    const answer = await response.json();
    if (answer.token) {
      localStorage.setItem('meerkat.token', answer.token);
      const view = sessionStorage.getItem('meerkat.view') ?? '';
      location.replace(`./${view.startsWith('#') ? view : ''}`);
      return;
    }
    tell(wrong, answer.error?.sentence ?? 'The server gave no answer that makes sense.');
  } catch {
    tell(wrong, 'The server does not answer. It may be starting; try again in a moment.');
  }
  button.disabled = false;
  form.elements.password.value = '';
  form.elements.password.focus();
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  logIn({ username: form.elements.username.value, password: form.elements.password.value });
});

function arrive() {
  const { hash } = location;
  const link = hash.match(/^#link=([a-z0-9]+)$/);
  // It is good once: neither the history nor a bookmark needs it.
  if (hash) history.replaceState(null, '', location.pathname);
  tell(why, link ? 'Logging in by link …' : reasons[hash] ?? '');
  if (link) logIn({ link: link[1] }).then(() => tell(why, ''));
}
// A link that is opened where this page is open already loads nothing.
addEventListener('hashchange', arrive);
arrive();
