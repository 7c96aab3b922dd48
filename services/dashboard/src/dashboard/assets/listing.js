// A list of documents in the browser: what its controls ask for, what of it stands in the address, when it is read again.
(function () {
  "use strict";

  const ROWS_MS = 1500; // at most so often are rows read again while changes keep coming
  const COUNTS_MS = 5000;
  const NARROW = window.matchMedia("(max-width: 48em)");
  const NARROW_FIELDS = ["status", "subject"];

  const set = (id, props) => window.dash_clientside.set_props(id, props);
  const skip = () => window.dash_clientside.no_update;

  function query(wanted, open) {
    return {
      text: wanted.text,
      status: wanted.status,
      from: wanted.from,
      to: wanted.to,
      cause: wanted.cause,
      sort: wanted.sort === "-changed" ? "" : wanted.sort,
      page: wanted.page > 1 ? String(wanted.page) : "",
      after: wanted.after,
      open: open ? open.id : "",
      pane: open ? new URLSearchParams(window.location.search).get("pane") || "" : "", // the panel's own
    };
  }

  function same(one, other) {
    return JSON.stringify(one) === JSON.stringify(other);
  }

  // When something is to be read again: soon, but not more often than every so many milliseconds, and not while nobody looks.
  function again(store, least) {
    let last = 0;
    let timer = null;
    function tell() {
      timer = null;
      if (document.hidden) {
        document.addEventListener("visibilitychange", later, { once: true });
      } else if (document.getElementById("list")) {
        last = Date.now();
        set(store, { data: last });
      }
    }
    function later() {
      timer = timer || window.setTimeout(tell, Math.max(0, last + least - Date.now()));
    }
    return later;
  }

  const rowsAgain = again("list-again", ROWS_MS);
  const countsAgain = again("list-counts-again", COUNTS_MS);

  NARROW.addEventListener("change", function () {
    if (document.getElementById("list")) {
      set("list-narrow", { data: NARROW.matches });
    }
  });

  // "/" leads to the filter, as on many pages that people search on.
  document.addEventListener("keydown", function (event) {
    const box = document.getElementById("list-text");
    const writes = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) || event.target.isContentEditable;
    if (box && event.key === "/" && !writes && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      box.focus();
    }
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.listing = {
    // What is wanted now. The server is asked for it as a whole, so no click is lost when several things happen at once.
    ask: function (text, status, cause, from, to, sort, older, newer, wanted, found, open) {
      const filter = {
        text: (text || "").trim(),
        status: status || [],
        from: from || "",
        to: to || "",
        cause: cause || "",
        sort: sort,
      };
      const before = Object.fromEntries(Object.keys(filter).map((name) => [name, wanted[name]]));
      const by = window.dash_clientside.callback_context.triggered.map((each) => each.prop_id);
      let next;
      if (!same(filter, before)) {
        next = { ...filter, after: "", page: 1, earlier: [] };
      } else if (older && by.includes("list-older.n_clicks") && found.n === wanted.n && found.next) {
        next = { ...wanted, after: found.next, page: wanted.page + 1, earlier: [...wanted.earlier, wanted.after] };
      } else if (newer && by.includes("list-newer.n_clicks") && wanted.page > 1) {
        const earlier = wanted.earlier.slice(0, -1);
        const known = wanted.earlier.length > 0;
        next = {
          ...wanted,
          after: known ? wanted.earlier[wanted.earlier.length - 1] : "",
          page: known ? wanted.page - 1 : 1,
          earlier: known ? earlier : [],
        };
      } else {
        return skip();
      }
      next.n = wanted.n + 1;
      const typed = filter.text !== before.text;
      const narrowed = [filter.text, filter.cause, filter.from, filter.to, ...filter.status].some(Boolean);
      set("list-clear", { style: narrowed ? {} : { display: "none" } });
      set("shown", { data: { query: query(next, open), push: !typed } });
      return next;
    },

    clear: function (clicks) {
      return clicks ? ["", [], null, null, null] : Array(5).fill(skip());
    },

    // The open document is in the address; "back" closes it.
    opened: function (open, wanted, before) {
      const id = open ? open.id : "";
      if (id !== before) {
        set("shown", { data: { query: query(wanted, open), push: true } });
      }
      return id;
    },

    changed: function (changes, kind) {
      if (changes && (changes.reset || changes.subjects.includes(kind) || changes.subjects.includes("command"))) {
        rowsAgain();
        countsAgain();
      }
      return skip();
    },

    columns: function (chosen, narrow, all, sort) {
      const isNarrow = NARROW.matches;
      const sorted = sort.replace("-", "");
      const shown = all.map((column) => {
        const is = column.field === sorted;
        return { ...column, hide: isNarrow || !(column.field === "status" || chosen.includes(column.field)), sort: is ? (sort[0] === "-" ? "desc" : "asc") : null };
      });
      if (isNarrow) {
        shown.splice(1, 0, { colId: "subject", headerName: "Document", cellRenderer: "DocumentSubject", flex: 1, minWidth: 84 });
        shown.forEach((column) => {
          const name = column.field || column.colId;
          column.hide = !NARROW_FIELDS.includes(name);
          column.pinned = null;
          if (name === "status") {
            column.width = 148;
          }
        });
      }
      return [shown, isNarrow ? "documents narrow" : "documents"];
    },

    selectNone: function () {
      const grid = document.getElementById("list-grid") && window.dash_ag_grid.getApi("list-grid");
      if (grid) {
        grid.deselectAll();
      }
      return skip();
    },

    // What is selected, and how many of them each act can be done to.
    selected: function (rows) {
      const names = (rows || []).map((row) => ({ name: row.name, status: row.status, acts: row.acts }));
      const count = (act) => names.filter((row) => row.acts.includes(act)).length;
      const kinds = ["resync", "skip", "unskip", "release"];
      const hidden = (number) => (number ? {} : { display: "none" });
      return [
        names,
        names.length ? "selection" : "selection none",
        names.length.toLocaleString("en") + " selected",
        ...kinds.map((kind) => count(kind).toLocaleString("en")),
        ...kinds.map((kind) => hidden(count(kind))),
      ];
    },
  };
})();
