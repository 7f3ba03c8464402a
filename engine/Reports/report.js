'use strict';
// Without this script everything is shown, in the order of the classes.
for (const table of document.querySelectorAll('table.sortable')) {
  const body = table.tBodies[0];
  const value = (row, column, isNumber) => {
    const cell = row.cells[column];
    return isNumber ? Number.parseFloat(cell.dataset.v ?? 'NaN') : cell.textContent.toLowerCase();
  };
  const sort = (heading, column) => {
    const isNumber = heading.dataset.sort === 'number';
    const now = heading.getAttribute('aria-sort');
    const down = now ? now === 'ascending' : isNumber;
    const compare = (a, b) => {
      const [x, y] = [value(a, column, isNumber), value(b, column, isNumber)];
      if (isNumber && (Number.isNaN(x) || Number.isNaN(y))) return Number.isNaN(x) - Number.isNaN(y);
      const order = isNumber ? x - y : x.localeCompare(y, 'en', { numeric: true });
      return down ? -order : order;
    };
    for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
    heading.setAttribute('aria-sort', down ? 'descending' : 'ascending');
    body.append(...[...body.rows].sort(compare));
  };
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    heading.tabIndex = 0;
    heading.addEventListener('click', () => sort(heading, column));
    heading.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      sort(heading, column);
    });
  });
}
for (const field of document.querySelectorAll('input[data-table]')) {
  const rows = [...document.getElementById(field.dataset.table).tBodies[0].rows];
  field.closest('.search').hidden = false;
  field.addEventListener('input', () => {
    const wanted = field.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
}
