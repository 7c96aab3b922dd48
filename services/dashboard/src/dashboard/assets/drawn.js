// Tables that the server sends as data, drawn here. Everything in them is text: nothing that came from outside is read as markup.
(function () {
  "use strict";

  const drawn = new WeakMap();
  const places = document.getElementsByClassName("drawn"); // live: empty on pages without such tables

  function make(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value) {
        made.setAttribute(name, value);
      }
    }
    made.append(...children);
    return made;
  }

  function cellContent(cell) {
    const content = [];
    if (cell.text) {
      const tag = cell.href ? "a" : "span";
      content.push(make(tag, { href: cell.href, title: cell.title, class: cell.href ? "records-link" : "" }, cell.text));
    }
    if (cell.quiet) {
      content.push(make("div", { class: "records-quiet" }, cell.quiet));
    }
    if (cell.tags) {
      const tags = cell.tags.map(([words, tone]) => make("span", { class: "tag tag-" + tone }, words));
      content.push(make("div", { class: "chips" }, ...tags));
    }
    if (cell.button) {
      const does = { type: "button", class: "records-button", "aria-label": cell.label, ...cell.does };
      content.push(make("button", does, cell.button));
    }
    return content;
  }

  function table(told) {
    const heads = told.columns.map((column) =>
      make("th", { scope: "col", class: column ? "" : "records-unnamed" }, column || "Actions"),
    );
    const rows = told.rows.map((row) =>
      make("tr", {}, ...row.map((cell, at) => make("td", { "data-label": told.columns[at] }, ...cellContent(cell)))),
    );
    return make(
      "table",
      { class: "records", "aria-label": told.label },
      make("thead", {}, make("tr", {}, ...heads)),
      make("tbody", {}, ...rows),
    );
  }

  function draw() {
    for (const place of places) {
      const data = place.getAttribute("data-drawn");
      if (data && drawn.get(place) !== data) {
        drawn.set(place, data);
        place.replaceChildren(table(JSON.parse(data)));
      }
    }
  }

  new MutationObserver(draw).observe(document.documentElement, {
    childList: true,
    subtree: true,
    attributeFilter: ["data-drawn"],
  });

  // Links lead on within the page, as those of the page framework do.
  document.addEventListener("click", function (event) {
    const link = event.target.closest && event.target.closest("a.records-link");
    if (link && event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      window.history.pushState({}, "", link.href);
      window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
      window.scrollTo(0, 0);
    }
  });
})();
