'use strict';
// The page anew whenever the run has changed it; where one has scrolled to stays.
const notice = document.getElementById('live');
let version = '';
const look = async () => {
  try {
    const answer = await fetch('/page', { headers: version ? { 'If-None-Match': version } : {}, cache: 'no-store' });
    if (answer.status === 200) {
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      document.querySelector('main').replaceWith(page.querySelector('main'));
      version = answer.headers.get('ETag');
    }
    notice.textContent = answer.ok || answer.status === 304
      ? `live, looked at ${new Date().toLocaleTimeString()}`
      : `flixstock answers with ${answer.status}`;
  } catch {
    notice.textContent = 'flixstock does not answer: it has ended';
  }
  setTimeout(look, 2000);
};
look();
