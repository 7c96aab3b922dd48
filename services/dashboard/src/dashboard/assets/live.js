// Live changes: server-sent events as long as there is a stream, questions in intervals while there is none.
// Whoever shows something that may change listens to the store `changes`: {n, subjects, ids, reset}.
(function () {
  "use strict";

  const GATHER_MS = 700; // changes come in crowds: pages read again once for many
  const ASK_MS = 15000;
  const FIRST_RETRY_MS = 5000;
  const LONGEST_RETRY_MS = 60000;
  const UPDATE = "/_dash-update-component";

  let source = null;
  let followed = null; // the tenant, "" for all
  let told = 0;
  let gathered = null;
  let timer = null;
  let asking = null;
  let retry = null;
  let pause = FIRST_RETRY_MS;
  let streams = false;
  let away = false; // the last question of this page got no answer
  let missed = false; // it was the one for the page that the address names

  // What a person sees of it, at the top of every page.
  function say() {
    const place = document.getElementById("live");
    if (!place) {
      return;
    }
    const [state, words] = away
      ? ["away", "No connection"]
      : streams
        ? ["live", "Live"]
        : asking
          ? ["polling", "Updates every 15 s"]
          : ["opening", ""];
    place.dataset.state = state;
    const text = document.getElementById("live-words");
    if (text && text.textContent !== words) {
      text.textContent = words;
    }
  }

  function tell() {
    timer = null;
    told += 1;
    window.dash_clientside.set_props("changes", {
      data: { n: told, subjects: [...gathered.subjects], ids: [...gathered.ids], reset: gathered.reset },
    });
    gathered = null;
  }

  function gather(change) {
    gathered = gathered || { subjects: new Set(), ids: new Set(), reset: false };
    if (change === null) {
      gathered.reset = true;
    } else {
      gathered.subjects.add(change.subject);
      if (change.id !== null) {
        gathered.ids.add(change.subject + "/" + change.id);
      } else {
        gathered.reset = true;
      }
    }
    timer = timer || window.setTimeout(tell, GATHER_MS);
  }

  function close() {
    if (source) {
      source.close();
      source = null;
    }
    window.clearTimeout(retry);
    window.clearInterval(asking);
    retry = asking = null;
    streams = false;
  }

  function askInIntervals() {
    asking =
      asking ||
      window.setInterval(function () {
        if (!document.hidden) {
          gather(null);
        }
      }, ASK_MS);
    window.clearTimeout(retry);
    retry = window.setTimeout(open, pause * (0.5 + Math.random())); // not every page at the same moment
    pause = Math.min(pause * 2, LONGEST_RETRY_MS);
    say();
  }

  function open() {
    const query = followed ? "?tenant=" + encodeURIComponent(followed) : "";
    const mine = (source = new EventSource("/live" + query));
    mine.addEventListener("open", function () {
      if (mine !== source) {
        return;
      }
      const wasAway = asking !== null;
      window.clearInterval(asking);
      asking = null;
      streams = true;
      pause = FIRST_RETRY_MS;
      answered();
      say();
      if (wasAway) {
        gather(null);
      }
    });
    mine.addEventListener("change", function (event) {
      gather(JSON.parse(event.data));
    });
    mine.addEventListener("reset", function () {
      gather(null);
    });
    // The session is over: what stands here may not be for whoever looks at it now.
    mine.addEventListener("ended", function () {
      close();
      window.dash_clientside.address.leave({ to: "/sign-in", again: true });
    });
    mine.addEventListener("error", function () {
      if (mine !== source) {
        return;
      }
      mine.close();
      source = null;
      streams = false;
      askInIntervals();
    });
  }

  function answered() {
    away = false;
    if (missed) {
      missed = false;
      window.dash_clientside.address.again();
    }
  }

  function unanswered(body) {
    away = true;
    missed = missed || (typeof body === "string" && body.includes('"output":"..view.children'));
    say();
  }

  // Dash tells nobody when a question of a page gets no answer. Whoever clicked has to know, and sees the page once there is one.
  const ask = window.fetch;
  window.fetch = function (resource, options) {
    const asked = ask.apply(this, arguments);
    if (!String(resource.url || resource).includes(UPDATE)) {
      return asked;
    }
    return asked.then(
      function (answer) {
        if (answer.status >= 502) {
          unanswered(options && options.body); // a proxy before the dashboard answers for it
        } else {
          answered();
          say();
        }
        return answer;
      },
      function (error) {
        unanswered(options && options.body);
        throw error;
      },
    );
  };

  window.addEventListener("pagehide", close);
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) {
      followed = null;
      window.dash_clientside.address.again();
    }
  });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.live = {
    follow: function (address) {
      const parts = address.path.split("/");
      const tenant = parts[1] === "t" ? decodeURIComponent(parts[2] || "") : "";
      if (tenant !== followed) {
        close();
        followed = tenant;
        pause = FIRST_RETRY_MS;
        say();
        open();
      }
      return tenant;
    },
  };
})();
