// A button that prints the page; the browser's own menu does it too.
(function () {
  "use strict";

  var button = document.querySelector("[data-print]");
  button.hidden = false;
  button.addEventListener("click", function () { window.print(); });
})();
