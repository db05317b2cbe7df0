/* The preview beside a message's text follows what is written. Without it, saving shows the same. */
(() => {
  const form = document.getElementById("message-text");
  const preview = document.getElementById("message-preview");
  if (!form || !preview) return;
  const PAUSE = 500;
  let timer;
  let latest = 0;

  const show = async () => {
    latest += 1;
    const mine = latest;
    const response = await fetch(form.dataset.preview, {
      method: "POST",
      body: new FormData(form),
      credentials: "same-origin",
    });
    // An answer that was overtaken by a later one is not shown.
    if (response.ok && mine === latest) preview.innerHTML = await response.text();
  };

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => show().catch(() => {}), PAUSE);
  });
})();
