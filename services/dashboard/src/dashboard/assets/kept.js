// What is drawn anew is another element to the browser, even where it looks the same. Who stands on a link by keyboard, or has
// unfolded something, must not lose that because a figure beside it changed.
(function () {
  "use strict";

  const unfolded = new Set(); // ids of what stands unfolded
  let focused = null; // the element that had the focus last
  let name = null; // by what its successor is found
  let waits = false; // it is to have the focus again as soon as it can

  function nameOf(element) {
    const about = element.id || element.getAttribute("href") || element.getAttribute("aria-label") || element.textContent;
    return element.tagName + " " + about.slice(0, 200);
  }

  function twins(element) {
    return [...document.getElementById("view").querySelectorAll(element.tagName)].filter(
      (other) => nameOf(other) === nameOf(element),
    );
  }

  function isOurs(element) {
    const view = document.getElementById("view");
    const inGrid = element.closest(".ag-root-wrapper"); // a grid minds its own
    return view !== null && element !== view && view.contains(element) && !inGrid;
  }

  function remember(element) {
    focused = isOurs(element) ? element : null;
    name = focused && { element: focused, place: twins(focused).indexOf(focused) };
    waits = false;
  }

  function isFree() {
    return document.activeElement === null || document.activeElement === document.body;
  }

  function putBack() {
    if (focused && !focused.isConnected) {
      const found = isFree() ? twins(name.element) : [];
      focused = found[Math.min(name.place, found.length - 1)] || null;
      waits = focused !== null;
    }
    if (focused && focused.disabled) {
      waits = true; // what was clicked is switched off meanwhile, and comes back once it is done
    } else if (focused && waits) {
      waits = false;
      if (isFree()) {
        focused.focus({ preventScroll: true });
      }
    }
    for (const id of unfolded) {
      const again = document.getElementById(id);
      if (again && !again.open) {
        again.open = true;
      }
    }
  }

  document.addEventListener("focusin", (event) => remember(event.target));
  document.addEventListener("pointerdown", function (event) {
    if (focused && !focused.contains(event.target)) {
      focused = null; // somebody clicked beside it
    }
  });
  document.addEventListener(
    "toggle",
    function (event) {
      const { id, open, isConnected } = event.target;
      if (id && isConnected && event.target.tagName === "DETAILS") {
        unfolded[open ? "add" : "delete"](id);
      }
    },
    true,
  );
  window.addEventListener("DOMContentLoaded", function () {
    new MutationObserver(putBack).observe(document.body, {
      childList: true,
      subtree: true,
      attributeFilter: ["disabled"],
    });
  });
})();
