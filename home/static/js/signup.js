// The sign-up form with conveniences; without this file everything is shown and works.
(function () {
  "use strict";

  var form = document.getElementById("signup-form");
  if (!form) {
    return;
  }

  function show(element, visible) {
    element.hidden = !visible;
  }

  // Whoever is not a municipality writes the organisation's name.
  function askForName(select) {
    var part = form.querySelector(".js-organisation-name");
    if (part) {
      show(part, select.value.indexOf("k:") === 0 || part.querySelector(".form-error"));
    }
  }

  // Municipality: type the first letters instead of scrolling through a hundred names.
  function enhanceOrganisation() {
    var box = form.querySelector(".js-organisation");
    var select = box && box.querySelector("select");
    if (!select) {
      return;
    }
    askForName(select);
    select.addEventListener("change", function () { askForName(select); });
    if (!window.accessibleAutocomplete) {
      return;
    }
    var text = box.dataset;
    var described = select.getAttribute("aria-describedby");
    var invalid = select.getAttribute("aria-invalid");
    var names = {};
    Array.prototype.forEach.call(select.options, function (option) {
      if (option.value) {
        names[option.text] = option;
      }
    });
    window.accessibleAutocomplete.enhanceSelectElement({
      selectElement: select,
      defaultValue: select.value ? select.options[select.selectedIndex].text : "",
      placeholder: text.placeholder,
      showAllValues: true,
      // Nothing is chosen for the visitor: leaving the field never picks the first of the list.
      autoselect: false,
      confirmOnBlur: false,
      source: function (query, populate) {
        var wanted = query.trim().toLocaleLowerCase("da");
        var all = Object.keys(names);
        var begins = all.filter(function (name) {
          return name.toLocaleLowerCase("da").indexOf(wanted) === 0;
        });
        var contains = all.filter(function (name) {
          return name.toLocaleLowerCase("da").indexOf(wanted) > 0;
        });
        populate(begins.concat(contains));
      },
      onConfirm: function (name) {
        if (names[name]) {
          select.value = names[name].value;
          askForName(select);
        }
      },
      dropdownArrow: function (arrow) {
        return '<svg class="' + arrow.className + '" focusable="false" aria-hidden="true"><use href="' +
          text.icons + '#chevron-down"></use></svg>';
      },
      tNoResults: function () { return text.noResults; },
      tAssistiveHint: function () { return text.hint; },
      tStatusQueryTooShort: function () { return text.tooShort; },
      tStatusNoResults: function () { return text.noResults; },
      tStatusSelectedOption: function (option, length, index) {
        return option + " " + (index + 1) + "/" + length + " " + text.selected;
      },
      tStatusResults: function (length) { return length + " " + text.results; }
    });
    var input = box.querySelector(".autocomplete__input");
    if (input && described) {
      input.setAttribute("aria-describedby", described + " " + (input.getAttribute("aria-describedby") || ""));
    }
    if (input && invalid) {
      input.setAttribute("aria-invalid", invalid);
    }
    // What stands in the field counts: a name that was deleted again must not be sent, and one
    // that was begun is enough when no other begins like it.
    form.addEventListener("submit", function () {
      var typed = input ? input.value.trim().toLocaleLowerCase("da") : "";
      var lower = function (name) { return name.toLocaleLowerCase("da"); };
      var all = Object.keys(names);
      var exact = all.filter(function (name) { return lower(name) === typed; });
      var begun = all.filter(function (name) { return typed && lower(name).indexOf(typed) === 0; });
      var match = exact[0] || (begun.length === 1 ? begun[0] : "");
      select.value = match ? names[match].value : "";
    });
  }

  // Fields that only one way of paying needs.
  function followMethod() {
    var radios = form.querySelectorAll('input[name="method"]');
    var parts = form.querySelectorAll("[data-method]");
    function update() {
      var chosen = form.querySelector('input[name="method"]:checked');
      parts.forEach(function (part) {
        var needed = !chosen || part.dataset.method === chosen.value;
        show(part, needed);
        part.disabled = !needed;
      });
    }
    radios.forEach(function (radio) { radio.addEventListener("change", update); });
    if (radios.length) {
      update();
    }
  }

  // The price that is accepted is the chosen season's.
  function followSeason() {
    var radios = form.querySelectorAll('input[name="season"][type="radio"]');
    var shown = form.querySelector('input[name="shown_price"]');
    var terms = form.querySelectorAll(".js-terms");
    function update() {
      var chosen = form.querySelector('input[name="season"]:checked');
      terms.forEach(function (part) {
        var mine = !chosen || part.dataset.season === chosen.value;
        show(part, mine);
        if (chosen && mine && shown) {
          shown.value = part.dataset.net;
        }
      });
    }
    radios.forEach(function (radio) { radio.addEventListener("change", update); });
    if (radios.length) {
      update();
    }
  }

  // Participants: one row at a time.
  function revealParticipants() {
    var box = form.querySelector(".js-participants");
    var rows = box ? Array.prototype.slice.call(box.querySelectorAll(".js-participant")) : [];
    if (rows.length < 2) {
      return;
    }
    function isFilled(row) {
      return row.querySelector(".form-error") || Array.prototype.some.call(
        row.querySelectorAll("input"),
        function (input) { return /checkbox|radio/.test(input.type) ? input.checked : input.value; }
      );
    }
    rows.forEach(function (row, index) { show(row, index === 0 || isFilled(row)); });
    var button = document.createElement("button");
    button.type = "button";
    button.className = "button button-secondary js-add";
    button.textContent = box.dataset.add;
    function hidden() {
      return rows.filter(function (row) { return row.hidden; });
    }
    button.addEventListener("click", function () {
      var next = hidden()[0];
      show(next, true);
      next.querySelector("input").focus();
      show(button, hidden().length > 0);
    });
    box.appendChild(button);
    show(button, hidden().length > 0);
  }

  // One press, one sign-up.
  function guardSubmit() {
    var sent = false;
    form.addEventListener("submit", function (event) {
      if (sent) {
        event.preventDefault();
      }
      sent = true;
    });
    window.addEventListener("pageshow", function () { sent = false; });
  }

  enhanceOrganisation();
  followMethod();
  followSeason();
  revealParticipants();
  guardSubmit();
})();
