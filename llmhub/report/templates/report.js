"use strict";
// Sorts tables and searches the board. The pages are readable without it.
(() => {
  const UNKNOWN = null;

  const valueOf = (row, column, kind) => {
    const cell = row.cells[column];
    if (kind === "text") {
      if (cell.querySelector(".unknown") || !cell.textContent.trim()) return UNKNOWN;
      return cell.dataset.v ?? cell.textContent.trim().toLowerCase();
    }
    return cell.dataset.v === undefined ? UNKNOWN : Number(cell.dataset.v);
  };

  // Unknown values come last in both directions; equal ones keep the page's order.
  const compared = (a, b, sign) => {
    if (a.value === UNKNOWN || b.value === UNKNOWN) {
      return (a.value === UNKNOWN) - (b.value === UNKNOWN) || a.place - b.place;
    }
    return sign * ((a.value > b.value) - (a.value < b.value)) || a.place - b.place;
  };

  const sortable = (table, changed) => {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];

    const sort = (head, direction) => {
      const column = heads.indexOf(head);
      const kind = head.dataset.kind;
      const sign = direction === "descending" ? -1 : 1;
      const keyed = rows.map((row, place) => ({ row, place, value: valueOf(row, column, kind) }));
      keyed.sort((a, b) => compared(a, b, sign));
      body.append(...keyed.map((one) => one.row));
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", direction);
    };

    for (const head of heads) {
      const button = document.createElement("button");
      button.type = "button";
      button.append(head.querySelector(".head"));
      head.prepend(button);
      button.addEventListener("click", () => {
        const first = head.dataset.first;
        const other = first === "ascending" ? "descending" : "ascending";
        sort(head, head.getAttribute("aria-sort") === first ? other : first);
        changed();
      });
    }
    return { rows, heads, sort };
  };

  // A day in the address is opened, whether it is named there at first or later.
  const unfold = () => {
    const named = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (named instanceof HTMLDetailsElement) named.open = true;
  };
  window.addEventListener("hashchange", unfold);
  unfold();

  const board = document.getElementById("board");
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    if (table !== board) sortable(table, () => {});
  }
  if (!board) return;

  const form = document.querySelector("form.search");
  const input = document.getElementById("q");
  const clear = document.getElementById("clear");
  const count = document.getElementById("count");
  const none = document.getElementById("none");
  const region = board.parentElement;
  const { rows, heads, sort } = sortable(board, () => remember());
  const texts = new Map(
    rows.map((row) => [row, [...row.querySelectorAll(".s")].map((cell) => cell.textContent).join("\n").toLowerCase()]),
  );

  const search = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      row.hidden = !words.every((word) => texts.get(row).includes(word));
      shown += row.hidden ? 0 : 1;
    }
    const models = rows.length === 1 ? "model" : "models";
    count.textContent = words.length ? `${shown} of ${rows.length} ${models}` : `${rows.length} ${models}`;
    none.firstElementChild.textContent = input.value;
    none.hidden = shown > 0 || !words.length;
    region.hidden = !none.hidden;
    clear.hidden = !words.length;
  };

  // The address holds the search and the order, so that they can be shared and "back" restores them.
  const remember = () => {
    const state = new URLSearchParams();
    if (input.value.trim()) state.set("q", input.value.trim());
    const by = heads.find((head) => head.hasAttribute("aria-sort"));
    const direction = by.getAttribute("aria-sort");
    if (by !== heads[0] || direction !== "ascending") {
      state.set("sort", by.dataset.key);
      state.set("order", direction);
    }
    history.replaceState(null, "", `${location.href.split("#")[0]}#${state}`);
  };

  const recall = () => {
    const state = new URLSearchParams(location.hash.slice(1));
    const asked = heads.find((head) => head.dataset.key === state.get("sort")) ?? heads[0];
    const order = state.get("order");
    sort(asked, order === "ascending" || order === "descending" ? order : asked.dataset.first);
    input.value = state.get("q") ?? "";
    search();
  };

  input.addEventListener("input", () => { search(); remember(); });
  clear.addEventListener("click", () => { input.value = ""; search(); remember(); input.focus(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  // The skip link's own address holds neither, and must not reset them.
  window.addEventListener("hashchange", () => { if (location.hash !== "#main") recall(); });
  form.hidden = false;
  recall();
})();
