// What a page asked for may be answered when another page stands there, with the same parts under the same names: another
// tenant's figures, an older page of a list. Such an answer changes nothing any more; only notices of it are still shown.
(function () {
  "use strict";

  const UPDATE = "/_dash-update-component";
  const STILL_SHOWN = ["notices", "leave"];
  const ask = window.fetch;

  async function withoutChanges(answer) {
    const told = await answer.json();
    const kept = Object.entries(told.sideUpdate || {}).filter(([name]) => STILL_SHOWN.includes(name));
    const body = { multi: true, response: {}, sideUpdate: Object.fromEntries(kept) };
    return new Response(JSON.stringify(body), { status: 200, headers: { "Content-Type": "application/json" } });
  }

  window.fetch = async function (resource, options) {
    if (!String(resource.url || resource).includes(UPDATE)) {
      return ask.apply(this, arguments);
    }
    const visit = window.dash_clientside.address.visits();
    const answer = await ask.apply(this, arguments);
    const outdated = answer.status === 200 && visit !== window.dash_clientside.address.visits();
    return outdated ? withoutChanges(answer) : answer;
  };
})();
