// Attendance on a phone. The page works without this file: each mark is then a form that is posted.
// With it, a mark shows at once, is kept in the browser until the server has it, and is sent when
// there is a network. The server lets the later mark of a person hold, so sending twice is harmless.
(function () {
  "use strict";

  var root = document.getElementById("attendance");
  var form = document.getElementById("attendance-form");
  var status = document.getElementById("attendance-status");
  if (!root || !window.fetch || !window.FormData) { return; }

  var RETRY = 5000;
  var REFRESH = 30000;
  var texts = root.dataset;
  var memory = {};
  var sending = false;
  var keeps = true;
  var notice = "";

  // The queue: person -> {came, at}. Read anew each time, since another tab may have it open.

  function queue() {
    if (!keeps) { return memory; }
    try {
      return JSON.parse(window.localStorage.getItem(texts.store)) || {};
    } catch (error) {
      return memory;
    }
  }

  function keep(marks) {
    memory = marks;
    try {
      window.localStorage.setItem(texts.store, JSON.stringify(marks));
    } catch (error) {
      keeps = false;
    }
  }

  // What the page shows.

  function rowOf(person) {
    return root.querySelector('[data-person="' + person + '"]');
  }

  function show(person, came) {
    var row = rowOf(person);
    if (!row) { return; }
    row.querySelectorAll("[name=mark]").forEach(function (button) {
      button.setAttribute("aria-pressed", String(button.value === person + ":" + came));
    });
  }

  function showWaiting() {
    var waiting = queue();
    var number = Object.keys(waiting).length;
    root.querySelectorAll("[data-person]").forEach(function (row) {
      var waits = Object.prototype.hasOwnProperty.call(waiting, row.dataset.person);
      row.querySelector(".day-waits").hidden = !waits;
    });
    var text = notice;
    if (!text && number) {
      text = number === 1 ? texts.waitingOne : texts.waitingMany.replace("{number}", number);
    }
    if (!keeps && number) { text = texts.notKept; }
    status.textContent = text;
    status.hidden = !text;
    var came = root.querySelectorAll('.day-mark-yes[aria-pressed="true"]').length;
    var shownAll = !form.querySelector("input[name=q]");
    if (shownAll) { document.getElementById("attendance-came").textContent = came; }
  }

  function take(states) {
    var waiting = queue();
    Object.keys(states).forEach(function (person) {
      if (!Object.prototype.hasOwnProperty.call(waiting, person)) { show(person, states[person]); }
    });
  }

  // Sending.

  function body(marks) {
    var data = new FormData();
    var list = Object.keys(marks).map(function (person) {
      return { key: person, came: marks[person].came, at: marks[person].at };
    });
    data.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.append("marks", JSON.stringify({ sent: Date.now(), marks: list }));
    return data;
  }

  // A mark that was changed while it was on its way stays in the queue.
  function forget(sent) {
    var waiting = queue();
    Object.keys(sent).forEach(function (person) {
      if (waiting[person] && waiting[person].at === sent[person].at) { delete waiting[person]; }
    });
    keep(waiting);
  }

  function received(response, marks) {
    if (response.type === "opaqueredirect" || response.status === 403) {
      notice = texts.signedOut;
      return null;
    }
    if (!response.ok && response.status !== 409 && response.status !== 400) {
      throw new Error(response.status);
    }
    return response.json().then(function (answer) {
      forget(marks);
      notice = answer.refused;
      if (answer.states) { take(answer.states); }
      return true;
    });
  }

  function send() {
    var marks = queue();
    if (sending || document.hidden) { return; }
    sending = true;
    window.fetch(window.location.pathname, {
      method: "POST",
      body: body(marks),
      credentials: "same-origin",
      redirect: "manual",
      headers: { "Accept": "application/json" }
    }).then(function (response) {
      return received(response, marks);
    }).catch(function () {
      // No network, or the server is away: the marks wait, and are tried again.
      notice = "";
      return null;
    }).then(function (wasTaken) {
      sending = false;
      showWaiting();
      if (wasTaken && Object.keys(queue()).length) { send(); }
    });
  }

  form.addEventListener("submit", function (event) {
    var button = event.submitter;
    if (!button || button.name !== "mark") { return; }
    event.preventDefault();
    var cut = button.value.lastIndexOf(":");
    var person = button.value.slice(0, cut);
    var came = button.value.slice(cut + 1);
    var waiting = queue();
    waiting[person] = { came: came, at: Date.now() };
    keep(waiting);
    show(person, came);
    showWaiting();
    send();
  });

  // Filtering as one writes.

  var search = document.getElementById("attendance-q");
  search.addEventListener("input", function () {
    var words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    var found = 0;
    root.querySelectorAll("[data-person]").forEach(function (row) {
      var text = row.dataset.search.toLowerCase();
      row.hidden = !words.every(function (word) { return text.indexOf(word) !== -1; });
      if (!row.hidden) { found += 1; }
    });
    document.getElementById("attendance-nobody").hidden = found > 0;
  });

  if (texts.open !== "true") { return; }
  var left = queue();
  Object.keys(left).forEach(function (person) { show(person, left[person].came); });
  showWaiting();
  send();
  window.addEventListener("online", send);
  document.addEventListener("visibilitychange", send);
  window.setInterval(function () { if (Object.keys(queue()).length) { send(); } }, RETRY);
  window.setInterval(send, REFRESH);
})();
