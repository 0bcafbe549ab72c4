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

  // On a phone the boards' names scroll sideways: the one that is shown comes into view.
  for (const here of document.querySelectorAll(".boards [aria-current]")) {
    const list = here.closest("ul");
    const [at, from] = [here, list].map((one) => one.getBoundingClientRect());
    if (at.right > from.right - 16) list.scrollLeft = at.left - from.left - 16;
  }

  const board = document.getElementById("board");
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    if (table !== board) sortable(table, () => {});
  }

  // Points of the picture of prices: the name of the one that is pointed at is in front of all; those found are named.
  const finder = document.getElementById("points");
  if (finder) {
    const MOST_NAMED = 20;
    const pictures = [...document.querySelectorAll("svg.points")];
    // A text is moved until it is inside its picture.
    const inside = (text, picture) => {
      const { x, width } = text.getBBox();
      const off = Math.max(0, -x) || Math.min(0, picture.viewBox.baseVal.width - x - width);
      if (!off) return;
      for (const part of text.children.length ? text.children : [text]) {
        part.setAttribute("x", Number(part.getAttribute("x")) + off);
      }
    };
    const told = (point, picture) => {
      const at = point.querySelector("use");
      const [x, y] = ["x", "y"].map((name) => Number(at.getAttribute(name)));
      const [, name, rest] = /^(.*): (.*)$/s.exec(point.querySelector("title").textContent);
      // A name that always stands beside its point is above it.
      const under = !point.querySelector(".name");
      const left = x < picture.viewBox.baseVal.width / 2;
      const text = document.createElementNS("http://www.w3.org/2000/svg", "text");
      text.setAttribute("class", `label name${left ? "" : " end"}`);
      for (const [number, line] of [name, rest].entries()) {
        const part = document.createElementNS("http://www.w3.org/2000/svg", "tspan");
        part.setAttribute("x", x + (left ? 8 : -8));
        part.setAttribute("y", y + (under ? 18 : -20) + 13 * number);
        part.textContent = line;
        text.append(part);
      }
      return text;
    };
    for (const picture of pictures) {
      const tip = document.createElementNS("http://www.w3.org/2000/svg", "g");
      tip.setAttribute("class", "tip");
      picture.append(tip);
      for (const point of picture.querySelectorAll(".pt")) {
        point.addEventListener("pointerenter", () => {
          const text = told(point, picture);
          tip.replaceChildren(text);
          inside(text, picture);
        });
        point.addEventListener("pointerleave", () => tip.replaceChildren());
      }
    }
    const asked = document.getElementById("q");
    const yours = document.getElementById("yours");
    const weights = document.getElementById("weights");
    const counts = (point) =>
      !(yours?.checked && point.classList.contains("away")) && (!weights?.value || point.dataset.open === weights.value);
    const find = () => {
      const words = asked.value.toLowerCase().split(/\s+/).filter(Boolean);
      let found = 0;
      for (const picture of pictures) {
        const matches = (one) => words.every((word) => one.dataset.n.includes(word));
        const out = new Set();
        for (const point of picture.querySelectorAll(".pt")) {
          if (point.classList.toggle("out", !counts(point))) out.add(point.getAttribute("href"));
        }
        // The names that always stand there make room for those found.
        for (const label of picture.querySelectorAll(".tag")) {
          label.classList.toggle("out", !matches(label) || out.has(label.getAttribute("href")));
        }
        const hits = [...picture.querySelectorAll(".pt")].filter((point) => {
          const hit = words.length > 0 && counts(point) && matches(point);
          point.classList.toggle("hit", hit);
          point.classList.remove("named");
          return hit;
        });
        picture.classList.toggle("asked", words.length > 0);
        found = Math.max(found, hits.length);
        name(picture, hits);
      }
      const all = [...pictures[0].querySelectorAll(".pt")].filter(counts).length;
      const models = all === 1 ? "model" : "models";
      document.getElementById("count").textContent = words.length ? `${found} of ${all} ${models}` : `${all} ${models}`;
    };
    // Names are pushed up until they cover no other one.
    const name = (picture, hits) => {
      if (hits.length > MOST_NAMED) return;
      const taken = [...picture.querySelectorAll(".tag:not(.out) text")].map((text) => text.getBBox());
      taken.sort((a, b) => b.y - a.y);
      for (const hit of hits) {
        hit.classList.add("named");
        const text = hit.querySelector(".name");
        if (!text) continue;
        text.dataset.y ??= text.getAttribute("y");
        text.setAttribute("y", text.dataset.y);
        inside(text, picture);
        let box = text.getBBox();
        for (const other of taken) {
          if (box.x < other.x + other.width && other.x < box.x + box.width
            && box.y < other.y + other.height && other.y < box.y + box.height) {
            text.setAttribute("y", Number(text.getAttribute("y")) - (box.y + box.height - other.y) - 1);
            box = text.getBBox();
          }
        }
        // Above the picture is no room: pointing at the model names it.
        hit.classList.toggle("named", box.y >= 0);
        if (box.y < 0) continue;
        taken.push(box);
        taken.sort((a, b) => b.y - a.y);
      }
    };
    asked.addEventListener("input", find);
    finder.addEventListener("change", () => {
      for (const picture of pictures) picture.classList.toggle("yours", yours?.checked ?? false);
      find();
    });
    finder.addEventListener("submit", (event) => event.preventDefault());
    finder.hidden = false;
    find();
  }
  if (!board) return;

  const form = document.querySelector("form.search");
  const input = document.getElementById("q");
  const clear = document.getElementById("clear");
  const count = document.getElementById("count");
  const none = document.getElementById("none");
  const region = board.parentElement;
  const controls = [...form.querySelectorAll("[data-filter]")];
  const { rows, heads, sort } = sortable(board, () => { search(); remember(); });
  const texts = new Map(
    rows.map((row) => [row, [...row.querySelectorAll(".s")].map((cell) => cell.textContent).join("\n").toLowerCase()]),
  );

  // Each lab is a choice, with the number of its models.
  const labs = controls.find((one) => one.dataset.filter === "lab");
  if (labs) {
    const counts = new Map();
    for (const { dataset } of rows) if (dataset.lab) counts.set(dataset.lab, (counts.get(dataset.lab) ?? 0) + 1);
    for (const [lab, models] of [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))) {
      labs.append(new Option(`${lab} (${models})`, lab));
    }
  }

  // A row without a value is left out where the value is asked for.
  const FILTERS = {
    call: (data) => data.call === "1",
    lab: (data, wanted) => data.lab === wanted,
    open: (data, wanted) => data.open === wanted,
    tools: (data) => (data.can ?? "").split(" ").includes("tools"),
    vision: (data) => (data.can ?? "").split(" ").includes("vision"),
    price: (data, most) =>
      most === "0" ? data.free === "1" : data.price !== undefined && Number(data.price) <= Number(most),
    life: (data, wanted) => (data.life === "retired") === (wanted === "only"),
  };
  const valueIn = (one) => (one.type === "checkbox" ? (one.checked ? "1" : "") : one.value);
  const usual = (one) =>
    one.type === "checkbox" ? "" : ([...one.options].find((option) => option.defaultSelected) ?? one.options[0]).value;
  const chosen = () => controls.filter((one) => one.dataset.filter !== "top" && valueIn(one));

  // The intervals are drawn on a scale of the rows that are shown; of many, on that of their best three quarters.
  const width = Number(board.querySelector(".scale")?.getAttribute("width") ?? 0);
  const drawn = new Map(rows.map((row) => [row, row.querySelector(".iv")?.dataset.i.split(" ").map(Number)]));
  const MARGIN = 12;
  const MANY = 60;
  const svg = (name, attributes, text = "") => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.textContent = text;
    return made;
  };
  const rescale = (shown) => {
    const spans = shown.map((row) => drawn.get(row)).filter(Boolean).sort((a, b) => b[1] - a[1]);
    if (!width || !spans.length) return;
    const kept = spans.length < MANY ? spans : spans.slice(0, Math.ceil((spans.length * 3) / 4));
    const low = Math.min(...kept.map((span) => span[0]));
    const high = Math.max(...kept.map((span) => span[2]));
    const at = (value) =>
      high === low ? width / 2 : MARGIN + ((Math.max(value, low) - low) / (high - low)) * (width - 2 * MARGIN);
    const raw = Math.max((high - low) / 5, 1e-9);
    const unit = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((nice) => nice * unit).find((nice) => nice >= raw * (1 - 1e-12));
    const ticks = [];
    for (let tick = Math.ceil(low / step - 1e-9) * step; high > low && tick <= high + 1e-9; tick += step) ticks.push(tick);
    const digits = step < 1 ? 1 : 0;
    const scale = board.querySelector(".scale");
    scale.querySelector("#grid").setAttribute("d", ticks.map((tick) => `M${at(tick).toFixed(1)} 0v22`).join(""));
    for (const text of scale.querySelectorAll("text")) text.remove();
    scale.append(...ticks.map((tick) => svg("text", { class: "mid", x: at(tick).toFixed(1), y: 12 }, tick.toFixed(digits))));
    for (const row of shown) {
      const [lower, rating, upper] = drawn.get(row);
      const picture = row.querySelector(".iv svg");
      for (const path of picture.querySelectorAll("path")) path.remove();
      if (rating < low) {
        picture.append(svg("path", { class: "off", d: "M1 11l6-4v8z" }));
      } else {
        picture.append(svg("path", { class: "range", d: `M${at(lower).toFixed(1)} 11H${at(upper).toFixed(1)}` }));
        picture.append(svg("path", { class: "at", d: `M${at(rating).toFixed(1)} 6v10` }));
      }
    }
  };

  // A filter that leaves none of the board by itself is named.
  const why = (asked) => {
    const idle = asked.filter((one) => !rows.some((row) => FILTERS[one.dataset.filter](row.dataset, valueIn(one))));
    return idle.map((one) => ` ${one.dataset.none}`).join("");
  };

  const search = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const asked = chosen();
    const top = controls.find((one) => one.dataset.filter === "top");
    const most = top && top.value !== "all" ? Number(top.value) : Infinity;
    const shown = [];
    let found = 0;
    for (const row of board.tBodies[0].rows) {
      const matches =
        words.every((word) => texts.get(row).includes(word)) &&
        asked.every((one) => FILTERS[one.dataset.filter](row.dataset, valueIn(one)));
      found += matches ? 1 : 0;
      row.hidden = !matches || found > most;
      if (!row.hidden) shown.push(row);
    }
    const models = rows.length === 1 ? "model" : "models";
    const narrowed = words.length > 0 || asked.length > 0;
    const matching = narrowed ? `${found} of ${rows.length} ${models}` : `${rows.length} ${models}`;
    count.textContent = shown.length < found ? `the first ${shown.length} of ${matching}` : matching;
    none.firstElementChild.textContent = input.value.trim() ? ` “${input.value}”` : "";
    none.lastElementChild.textContent = found > 0 ? "" : why(asked);
    none.hidden = found > 0 || !narrowed;
    region.hidden = !none.hidden;
    clear.hidden = !narrowed;
    rescale(shown);
  };

  // The address holds the search, the filters and the order, so that they can be shared and "back" restores them.
  const remember = () => {
    const state = new URLSearchParams();
    if (input.value.trim()) state.set("q", input.value.trim());
    for (const one of controls) if (valueIn(one) !== usual(one)) state.set(one.dataset.filter, valueIn(one));
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
    for (const one of controls) {
      const wanted = state.get(one.dataset.filter) ?? usual(one);
      if (one.type === "checkbox") one.checked = wanted === "1";
      else one.value = [...one.options].some((option) => option.value === wanted) ? wanted : usual(one);
    }
    search();
  };

  input.addEventListener("input", () => { search(); remember(); });
  form.addEventListener("change", () => { search(); remember(); });
  clear.addEventListener("click", () => {
    input.value = "";
    for (const one of controls) {
      if (one.type === "checkbox") one.checked = false;
      else if (one.dataset.filter !== "top") one.value = usual(one);
    }
    search();
    remember();
    input.focus();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  // The skip links' own addresses hold neither, and must not reset them.
  window.addEventListener("hashchange", () => { if (!["#main", "#rows"].includes(location.hash)) recall(); });
  form.hidden = false;
  recall();
})();
