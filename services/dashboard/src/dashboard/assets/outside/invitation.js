// An invitation comes as the fragment of its link: browsers send that to nobody, so that no log and no Referer holds it.
// It is put into the field and taken out of the address at once, so that the history keeps none that can be read off a screen.
(function () {
  "use strict";

  const field = document.getElementById("invitation");
  const form = field && field.form;

  function take() {
    const code = window.location.hash.slice(1);
    if (/^[\w-]+$/.test(code)) {
      field.value = code;
      window.history.replaceState(null, "", window.location.pathname + window.location.search);
      form.elements.password.focus();
    }
  }

  if (form) {
    take();
    window.addEventListener("hashchange", take);
  }
})();
