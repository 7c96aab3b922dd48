// The panel of an opened document: it opens before its content has come, and keeps its section in the address.
(function () {
  "use strict";

  const set = (id, props) => window.dash_clientside.set_props(id, props);
  let shown = null;

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.panel = {
    open: function (opened) {
      const named = opened ? opened.kind + "/" + opened.id : null;
      if (named && named !== shown) {
        set("panel-body", { className: "panel-body panel-old" });
      }
      shown = named;
      return Boolean(opened);
    },

    close: function (isOpen, opened) {
      if (isOpen === false && opened) {
        set("open-document", { data: null });
      }
      return null;
    },

    // The section belongs to what is open: the list writes the rest of the query.
    section: function (section) {
      const query = new URLSearchParams(window.location.search);
      if (!section || !query.has("open") || query.get("pane") === section) {
        return null;
      }
      query.set("pane", section);
      window.history.replaceState(null, "", window.location.pathname + "?" + query.toString());
      return null;
    },
  };
})();
