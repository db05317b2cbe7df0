// While the bank has not answered: asks again by itself. Without it, a link on the page does.
(function () {
  "use strict";

  var SECONDS = [2, 3, 5, 5, 10, 10, 15, 30, 30, 60];

  function askAgain(step) {
    if (step === SECONDS.length) {
      return;
    }
    window.setTimeout(function () {
      fetch(window.location.href, { credentials: "same-origin" })
        .then(function (response) { return response.text(); })
        .then(function (text) {
          var page = new DOMParser().parseFromString(text, "text/html");
          if (page.querySelector("[data-waits]")) {
            askAgain(step + 1);
          } else {
            window.location.reload();
          }
        })
        .catch(function () { askAgain(step + 1); });
    }, SECONDS[step] * 1000);
  }

  askAgain(0);
})();
