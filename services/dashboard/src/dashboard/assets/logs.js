// New lines come in by themselves while somebody is at the newest ones; whoever reads further down is not moved.
(function () {
  "use strict";

  const AT_TOP = 200;
  let looks = 0;

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.logs = {
    look: function () {
      looks += 1;
      return { n: looks, at_top: window.scrollY < AT_TOP };
    },
  };
})();
