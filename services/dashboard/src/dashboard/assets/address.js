// The browser's address and the pages. Dash keeps the store `address`; this file fills it whenever the address changes for
// any reason but our own silent writing: a link, the back button, a reload.
(function () {
  "use strict";

  let visits = 0;

  function read() {
    visits += 1;
    return { path: window.location.pathname, search: window.location.search, n: visits };
  }

  function announce() {
    window.dash_clientside.set_props("address", { data: read() });
  }

  // A page with unsaved changes may ask first, and stay: it then puts its own address back.
  window.addEventListener("popstate", function () {
    if (window.dispatchEvent(new CustomEvent("leaving", { cancelable: true }))) {
      announce();
    }
  });
  // Dash's links push a new address themselves and then say so.
  window.addEventListener("_dashprivate_pushstate", announce);

  // status-api has the person's zone from this cookie, so that times are told in it.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  document.cookie = "zone=" + encodeURIComponent(zone) + "; path=/; max-age=31536000; samesite=strict";

  // A page that could not be made has a button to try again, and is tried again anyhow.
  const AGAIN = "[id*='\"type\":\"again\"']";
  const AGAIN_MS = 5000;

  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest(AGAIN)) {
      announce();
    }
    if (event.target.closest && event.target.closest("a.skip")) {
      event.preventDefault(); // the address stays: it names a page, not a place in it
      document.getElementById("view").focus();
    }
  });
  window.setInterval(function () {
    if (!document.hidden && document.querySelector(AGAIN)) {
      announce();
    }
  }, AGAIN_MS);

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.address = {
    read: function () {
      return read();
    },

    again: announce,

    // Which visit this is: it grows with every page that is asked for.
    visits: function () {
      return visits;
    },

    // A page tells what of its state belongs into the address: {query: {name: value or list}, push: whether "back" returns here}.
    write: function (shown) {
      if (!shown) {
        return window.dash_clientside.no_update;
      }
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(shown.query)) {
        for (const each of Array.isArray(value) ? value : [value]) {
          if (each !== null && each !== "") {
            query.append(name, each);
          }
        }
      }
      const section = new URLSearchParams(window.location.search).get("pane");
      if (section && query.has("open") && !query.has("pane")) {
        query.append("pane", section); // belongs to the panel, which stays open
      }
      const text = query.toString();
      const address = window.location.pathname + (text ? "?" + text : "");
      if (address !== window.location.pathname + window.location.search) {
        window.history[shown.push ? "pushState" : "replaceState"](null, "", address);
      }
      return null;
    },

    leave: function (place) {
      if (place) {
        const here = window.location.pathname + window.location.search;
        const query = place.again ? "?again=1&next=" + encodeURIComponent(here) : "";
        window.location.assign(place.to + query);
      }
      return null;
    },

    title: function (words) {
      if (words) {
        document.title = words;
      }
      return null;
    },
  };
})();
