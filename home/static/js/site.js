// Conveniences only: every page works without this file.
(function () {
  "use strict";

  var menu = document.querySelector(".site-menu");
  document.addEventListener("keydown", function (event) {
    if (menu && menu.open && event.key === "Escape") {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("click", function (event) {
    if (menu && menu.open && !menu.contains(event.target)) {
      menu.open = false;
    }
  });

  // A form that came back with errors: begin at the summary.
  var summary = document.getElementById("error-summary");
  if (summary) {
    window.addEventListener("load", function () { summary.focus(); });
  }
})();
