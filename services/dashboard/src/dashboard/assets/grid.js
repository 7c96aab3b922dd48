// The grid of documents: what its cells look like, and what a key, a click and a header do in it.
(function () {
  "use strict";

  const React = window.React;
  const make = React.createElement;
  const FIELD_OF_SELECTION = "ag-Grid-SelectionColumn";
  let theme = null;

  function open(row) {
    const [kind, id] = row.name.split("/");
    window.dash_clientside.set_props("open-document", { data: { kind: kind, id: id } });
  }

  function symbol(name) {
    return make("span", { className: "icon icon-" + name, "aria-hidden": "true" });
  }

  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  // A button, so that it says what it does; the arrow keys lead to its cell, where Enter does the same.
  cells.DocumentStatus = function (props) {
    const row = props.data;
    const parts = [symbol(row.symbol), row.status];
    const beside = [];
    if (row.phase) {
      beside.push(make("span", { key: "phase", className: "beside" }, row.phase));
    }
    if (row.strikes) {
      beside.push(make("span", { key: "strikes", className: "beside", title: row.strikes + " in a row" }, row.strikes));
    }
    if (row.warned) {
      beside.push(
        make("span", { key: "warned", className: "warned", title: "There are warnings: open it to read them" },
          symbol("warning"), make("span", { className: "unseen" }, "with warnings"))
      );
    }
    return make(
      "span",
      { className: "status-cell" },
      make(
        "button",
        {
          type: "button",
          tabIndex: -1,
          className: "status status-" + row.look,
          title: row.meaning,
          "aria-label": row.words + ": open " + row.name.replace("/", " ").replace("-", " "),
        },
        ...parts
      ),
      ...beside
    );
  };

  // On a narrow screen one cell has what several have elsewhere.
  cells.DocumentSubject = function (props) {
    const row = props.data;
    return make(
      "span",
      { className: "subject-cell" },
      make("span", { className: "subject-party" }, row.party || row.number || String(row.id)),
      make("span", { className: "subject-number" }, [row.number || row.id, row.date].filter(Boolean).join(" · ")),
      make("span", { className: "subject-total" }, row.total)
    );
  };

  const functions = (window.dashAgGridFunctions = window.dashAgGridFunctions || {});

  functions.documentsHeight = function () {
    return window.matchMedia("(max-width: 48em)").matches ? 80 : 40;
  };

  functions.documentsAsTheyCame = function () {
    return 0;
  };

  // Colours are Mantine's variables: dark and light follow by themselves.
  functions.documentsTheme = function (quartz) {
    theme =
      theme ||
      quartz.withParams({
        accentColor: "var(--mantine-primary-color-filled)",
        backgroundColor: "var(--mantine-color-body)",
        foregroundColor: "var(--mantine-color-text)",
        textColor: "var(--mantine-color-text)",
        chromeBackgroundColor: "var(--documents-head)",
        headerTextColor: "var(--mantine-color-text)",
        borderColor: "var(--mantine-color-default-border)",
        browserColorScheme: "inherit",
        rowHoverColor: "var(--mantine-color-default-hover)",
        selectedRowBackgroundColor: "var(--mantine-primary-color-light)",
        fontFamily: "inherit",
        fontSize: 13.5,
        headerFontWeight: 600,
        wrapperBorderRadius: 10,
        cellHorizontalPadding: 10,
        columnBorder: false,
      });
    return theme;
  };

  // Tab leaves the grid, as it leaves every other control; inside it the arrow keys go from cell to cell.
  functions.documentsLeave = function () {
    return false;
  };

  functions.documentsSorted = function (params) {
    if (params.source !== "uiColumnSorted") {
      return;
    }
    const by = params.api.getColumnState().find((column) => column.sort);
    if (by) {
      window.dash_clientside.set_props("list-sort", { data: (by.sort === "desc" ? "-" : "") + by.colId });
    }
  };

  functions.documentsKey = function (params) {
    if (params.event.key === "Enter" && params.column.getColId() !== FIELD_OF_SELECTION) {
      params.event.preventDefault();
      open(params.data);
    }
  };

  functions.documentsClicked = function (params) {
    const marking = String(window.getSelection()).length > 0;
    if (!marking && params.column.getColId() !== FIELD_OF_SELECTION) {
      open(params.data);
    }
  };
})();
