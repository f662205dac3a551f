// Comforts only: every page works without this file.
(() => {
  // Where the tabs don't fit on a phone, the current one is in sight.
  document.querySelector(".tabs [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

  // What is typed is saved as a draft: some seconds after the last key, and when the page is left.
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const told = form.querySelector("output.saved");
    let timer = 0;
    let since = 0;
    const save = async (keepalive = false) => {
      window.clearTimeout(timer);
      timer = since = 0;
      const fields = new FormData(form);
      fields.delete("evidence");
      try {
        const headers = { Accept: "application/json" };
        const answer = await fetch(form.dataset.draft, { method: "POST", body: fields, headers, keepalive });
        if (!answer.ok) throw new Error(answer.status);
        const saved = await answer.json();
        form.elements.seen.value = saved.revision;
        told.textContent = `${told.dataset.saved} ${saved.at}. ${saved.other ? told.dataset.other : ""}`;
      } catch {
        told.textContent = told.dataset.failed;
      }
    };
    const typed = (event) => {
      if (event.target.name === "sure" || event.target.type === "file" || form.dataset.sent) return;
      since = since || Date.now();
      window.clearTimeout(timer);
      timer = window.setTimeout(save, Math.max(0, Math.min(2500, since + 15000 - Date.now())));
    };
    form.addEventListener("input", typed);
    form.addEventListener("submit", (event) => {
      window.clearTimeout(timer);
      const isDraft = event.submitter?.matches(".save");
      // Chosen files go with the button's own way; words alone are saved where the page stands.
      if (isDraft && !form.querySelector("input[type=file]")?.files.length) {
        event.preventDefault();
        event.stopImmediatePropagation();
        save();
      }
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && timer) save(true);
    });
  }

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
