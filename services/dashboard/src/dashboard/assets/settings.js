// The form of the options: what is shown of it, where the focus goes, and a question before unsaved changes are left behind.
(function () {
  "use strict";

  const LEAVE = "Your changes of the options are not saved. Leave the page and lose them?";
  let unsaved = false;
  let place = null; // the address of the form with the changes

  function form() {
    return document.getElementById("settings-form");
  }

  function isUnsaved() {
    return unsaved && form() !== null;
  }

  function mayLeave() {
    if (isUnsaved() && !window.confirm(LEAVE)) {
      return false;
    }
    unsaved = false;
    return true;
  }

  // The tab is closed, reloaded or goes to another site.
  window.addEventListener("beforeunload", function (event) {
    if (isUnsaved()) {
      event.preventDefault();
    }
  });

  // Links inside of the dashboard: the page framework would follow them without unloading anything.
  document.addEventListener(
    "click",
    function (event) {
      const link = event.target.closest && event.target.closest("a[href]");
      const opensElsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey;
      if (!link || opensElsewhere || link.target === "_blank" || link.getAttribute("href").startsWith("#")) {
        return;
      }
      if (!mayLeave()) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    true
  );

  // A section that was opened stands in the address a moment later.
  ["pointermove", "keydown"].forEach(function (name) {
    document.addEventListener(
      name,
      function () {
        if (isUnsaved()) {
          place = window.location.pathname + window.location.search;
        }
      },
      { passive: true }
    );
  });

  // The back button: the browser has moved already; staying means to put the address back.
  window.addEventListener("leaving", function (event) {
    if (!mayLeave()) {
      event.preventDefault();
      window.history.pushState(null, "", place);
    }
  });

  function visible(element) {
    return element.getClientRects().length > 0;
  }

  function sectionOf(element) {
    const section = element.closest("section[id*='settings-section']");
    return section ? JSON.parse(section.id).section : null;
  }

  function give(element) {
    element.scrollIntoView({ block: "center" });
    element.focus({ preventScroll: true });
  }

  // Looked for again until the page has drawn it: a row that was added, the mark of a problem, a section that opens.
  function when(find, tries) {
    const found = find();
    if (found && visible(found)) {
      give(found);
      return;
    }
    const section = found && sectionOf(found);
    if (section) {
      window.dash_clientside.set_props("settings-search", { value: "" });
      window.dash_clientside.set_props("settings-open", { data: section });
    }
    if (tries > 0) {
      window.requestAnimationFrame(function () {
        when(find, tries - 1);
      });
    }
  }

  function firstProblem() {
    const wrong = form() && form().querySelector("[aria-invalid='true'], .settings-problems > p");
    if (wrong && wrong.matches("p")) {
      const card = wrong.closest(".settings-card");
      return card.querySelector("input, button:not([style*='none'])") || card;
    }
    return wrong;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.settings = {
    // Cards and sections: those that a search finds, else those of the open section.
    arrange: function (search, open, sought, cards, sections, buttons) {
      const words = (search || "").toLowerCase().split(/\s+/).filter(Boolean);
      const finds = function (name) {
        return words.every(function (word) {
          return sought.settings[name].includes(word);
        });
      };
      const hiddenCards = cards.map(function (id) {
        return words.length > 0 && !finds(id.setting);
      });
      const hiddenSections = sections.map(function (id) {
        return words.length > 0 ? !sought.sections[id.section].some(finds) : id.section !== open;
      });
      const classes = buttons.map(function (id) {
        return words.length === 0 && id.section === open ? "settings-go is-open" : "settings-go";
      });
      buttons.forEach(function (id, index) {
        const element = document.getElementById(JSON.stringify({ section: id.section, type: id.type }));
        if (element) {
          element.setAttribute("aria-current", classes[index].endsWith("is-open") ? "true" : "false");
        }
      });
      return [hiddenCards, hiddenSections, classes, words.length === 0 || !hiddenSections.every(Boolean)];
    },

    guard: function (bar) {
      unsaved = (bar || "").includes("is-unsaved");
      place = window.location.pathname + window.location.search;
      return null;
    },

    focus: function (wanted) {
      if (wanted) {
        when(function () {
          return wanted.at === null
            ? firstProblem()
            : document.getElementById(JSON.stringify({ at: wanted.at, type: "setting" }));
        }, 90);
      }
      return null;
    },
  };
})();
