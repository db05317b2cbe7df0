// Pages with passkeys: buttons that can't work are not there, and a refusal is told.
(function () {
  "use strict";
  if (!window.PublicKeyCredential) {
    document.querySelectorAll(".needs-passkeys").forEach(function (element) {
      element.hidden = true;
    });
  }
  document.addEventListener("allauth.error", function (event) {
    event.preventDefault();
    var refused = document.getElementById("passkey-refused");
    if (refused) {
      refused.hidden = false;
      refused.scrollIntoView({ block: "nearest" });
    }
  });
})();
