// Tabs that are links: the arrow keys, Home and End walk among them, Enter follows, as screen readers promise of tabs.
(function () {
  "use strict";

  document.addEventListener("keydown", function (event) {
    const tab = event.target.closest && event.target.closest("a[role='tab']");
    if (!tab) {
      return;
    }
    const tabs = [...tab.closest("[role='tablist']").querySelectorAll("a[role='tab']")];
    const here = tabs.indexOf(tab);
    const places = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: tabs.length - 1 };
    if (event.key in places) {
      event.preventDefault();
      tabs[(places[event.key] + tabs.length) % tabs.length].focus();
    } else if (event.key === " ") {
      event.preventDefault();
      tab.click();
    }
  });
})();
