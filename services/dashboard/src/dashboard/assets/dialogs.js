// Dialogs that open and close without asking the server.
(function () {
  "use strict";

  // Buttons that ask first name their question; the server is told only when the answer is yes.
  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("[data-asks]");
    if (!button || button.disabled) {
      return;
    }
    const set = window.dash_clientside.set_props;
    const name = button.dataset.asks;
    set(name + "-asked", { data: button.dataset.about || null });
    set(name + "-failed", { children: null });
    if (button.dataset.words) {
      set(name + "-words", { children: button.dataset.words });
    }
    set(name + "-asking", { opened: true });
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.dialogs = {
    close: function (clicks) {
      return clicks ? false : window.dash_clientside.no_update;
    },

    // Closes, and takes what was shown out of the page: it was a secret.
    forget: function (clicks) {
      const none = window.dash_clientside.no_update;
      return clicks ? [false, null] : [none, none];
    },
  };
})();
