// Comforts only: every page works without this file.
(() => {
  // A second click while the first is on its way.
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
      window.setTimeout(() => delete form.dataset.sent, 8000);
    });
  }
  window.addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-once]")) delete form.dataset.sent;
  });

  // Files over the limit, said before they are sent.
  const files = document.querySelector("input[type=file][data-max-mb]");
  const told = document.getElementById("too-big");
  if (files && told) {
    const limit = Number(files.dataset.maxMb) * 1e6;
    files.addEventListener("change", () => {
      const large = [...files.files].filter((file) => file.size > limit).map((file) => file.name);
      told.hidden = large.length === 0;
      told.textContent = large.length ? `Quá ${files.dataset.maxMb} MB: ${large.join(", ")}` : "";
    });
  }
})();
