// Comforts only: every page works without this file.
(() => {
  // Where the tabs don't fit on a phone, the current one is in sight.
  document.querySelector(".tabs > [aria-current], .tabs .here")?.scrollIntoView({ inline: "center", block: "nearest" });

  // An open group of the menu closes again by Escape and by a click elsewhere.
  const closeMenu = (but) => {
    for (const group of document.querySelectorAll(".tabs [open]")) if (group !== but) group.open = false;
  };
  document.addEventListener("click", (event) => closeMenu(event.target.closest(".tabs .pages")));
  document.addEventListener("keydown", (event) => {
    const open = document.querySelector(".tabs [open]");
    if (event.key !== "Escape" || !open) return;
    if (open.contains(document.activeElement)) open.querySelector("summary").focus();
    closeMenu();
  });

  // What is typed is saved as a draft: some seconds after the last key, and when the page is left. Files are
  // taken up, checked and kept with it as soon as they are chosen, dropped or photographed.
  for (const form of document.querySelectorAll("form[data-draft]")) {
    const told = form.querySelector("output.saved");
    const inputs = [...form.querySelectorAll("input[type=file]")];
    let timer = 0;
    let since = 0;
    let last = Promise.resolve();
    const post = async (files, keepalive) => {
      const fields = new FormData(form);
      fields.delete("evidence");
      for (const file of files) fields.append("evidence", file);
      const headers = { Accept: "application/json" };
      const answer = await fetch(form.dataset.draft, { method: "POST", body: fields, headers, keepalive });
      if (!answer.ok) throw new Error(answer.status);
      const saved = await answer.json();
      form.elements.seen.value = saved.revision;
      told.textContent = `${told.dataset.saved} ${saved.at}. ${saved.other ? told.dataset.other : ""}`;
      return saved;
    };
    // One after another, so that a save never overtakes the one that brings a file.
    const save = (files = [], keepalive = false) => {
      window.clearTimeout(timer);
      timer = since = 0;
      last = last.then(() => post(files, keepalive)).catch(() => {
        told.textContent = told.dataset.failed;
        return null;
      });
      return last;
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
      if (isDraft && !inputs.some((input) => input.files.length)) {
        event.preventDefault();
        event.stopImmediatePropagation();
        save();
      }
    });
    // A link of the page waits for the save, so that the next page knows of it; not for long.
    document.addEventListener("click", async (event) => {
      const link = event.target.closest("a[href]");
      if (!timer || !link || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      await Promise.race([save(), new Promise((resolve) => window.setTimeout(resolve, 3000))]);
      window.location.assign(link.href);
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && timer) save([], true);
    });

    // Files.
    const list = form.querySelector(".kept");
    const said = document.getElementById("too-big");
    if (!list || !said) continue;
    const say = (words) => {
      said.hidden = !words;
      said.textContent = words;
    };
    const show = (kept) => {
      list.replaceChildren(
        ...kept.map((one) => {
          const row = document.createElement("li");
          const label = document.createElement("label");
          label.className = "option";
          const box = Object.assign(document.createElement("input"), {
            type: "checkbox", name: "kept", value: one.seal, checked: true, defaultChecked: true,
          });
          const name = document.createElement("span");
          const size = document.createElement("small");
          size.className = "muted";
          size.textContent = one.size;
          name.append(`${one.name} `, size);
          label.append(box, name);
          row.append(label);
          return row;
        }),
      );
      form.querySelector(".keep-hint").hidden = kept.length === 0;
    };
    for (const input of inputs) {
      input.addEventListener("change", async () => {
        const limit = Number(input.dataset.maxMb) * 1e6;
        const files = [...input.files];
        const large = files.filter((file) => file.size > limit).map((file) => file.name);
        const fit = files.filter((file) => file.size <= limit);
        const tooBig = large.length ? `${input.dataset.tooLarge.replace("#", large.join(", "))} ` : "";
        if (!fit.length) {
          say(tooBig);
          if (large.length) input.value = "";
          return;
        }
        const { sending, failed } = inputs[0].dataset;
        say(tooBig + sending);
        const saved = await save(fit);
        if (!saved) {
          say(tooBig + failed);
          return;
        }
        input.value = "";
        if (saved.kept) show(saved.kept);
        say(tooBig + (saved.refusals || ""));
      });
    }
    const drop = form.querySelector("[data-drop]");
    for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
      drop?.addEventListener(name, (event) => {
        event.preventDefault();
        drop.classList.toggle("over", name === "dragenter" || name === "dragover");
        if (name !== "drop" || !event.dataTransfer.files.length) return;
        inputs[0].files = event.dataTransfer.files;
        inputs[0].dispatchEvent(new Event("change"));
      });
    }
  }

  // Figures against their targets, reckoned while they are typed; the server has the last word.
  const number = (text) => {
    const said = text.replace(/[−–]/g, "-").replace(/\s+/g, " ").trim().replace(/ ?%$/, "");
    const plain = /^(-?\d+)(?:([.,])(\d{1,4}))?$/.exec(said);
    const groups = /^(-?[1-9]\d{0,2}([., ])\d{3}(?:\2\d{3})*)(?:(?!\2)[.,](\d{1,4}))?$/.exec(said);
    if (plain) {
      const [, whole, mark, rest] = plain;
      const isGroup = rest?.length === 3 && /^-?0*[1-9]\d{0,2}$/.test(whole);
      // `1.250` is a thousand, `1,250` can be read two ways.
      if (isGroup) return mark === "." ? Number(whole + rest) : NaN;
      return Number(rest ? `${whole}.${rest}` : whole);
    }
    if (!groups || (groups[2] === " " && groups[3]?.length === 3)) return NaN;
    return Number(`${groups[1].replaceAll(groups[2], "")}.${groups[3] ?? 0}`);
  };
  for (const box of document.querySelectorAll("input[data-target]")) {
    const output = box.closest(".figure").querySelector(".attained");
    const running = box.closest(".figure").querySelector(".running");
    const written = (value) => (Number.isFinite(value) ? value.toLocaleString("vi-VN", { maximumFractionDigits: 4 }) : "…");
    box.addEventListener("input", () => {
      const now = box.value.trim() ? number(box.value) : NaN;
      // What a count of earlier periods and this one comes to; nothing comes before another kind of figure.
      const sum = now + Number(box.dataset.before);
      running.textContent = running.dataset.words.replace("{now}", written(now)).replace("{sum}", written(sum));
      const share = (100 * sum) / Number(box.dataset.target);
      const isKnown = Number.isFinite(share) && box.value.trim() && box.dataset.comparison !== "rank";
      const told = share.toLocaleString("vi-VN", { maximumFractionDigits: 1 });
      output.textContent = isKnown ? output.dataset.words.replace("#", `${told}%`) : "";
    });
  }

  // The board's numbers, told by the server as they change; not while nobody looks.
  const live = document.querySelector("[data-live]");
  if (live) {
    let feed = null;
    const said = document.querySelector(".live");
    const tell = (event) => {
      const { counts, at } = JSON.parse(event.data);
      let isNew = false;
      for (const place of document.querySelectorAll("[data-n]")) {
        const count = counts[place.dataset.n] || 0;
        const words = place.firstElementChild || place;
        if ((Number(words.textContent) || 0) === count) continue;
        isNew = true;
        words.textContent = count || (place.tagName === "TD" ? "–" : 0);
        words.classList.toggle("muted", !count && words !== place);
        place.classList.toggle("has", count > 0);
        place.classList.remove("changed");
        window.requestAnimationFrame(() => place.classList.add("changed"));
      }
      said.hidden = false;
      said.querySelector("b").textContent = at;
      if (isNew) said.querySelector("a").hidden = false;
    };
    const listen = () => {
      feed?.close();
      feed = document.visibilityState === "visible" ? new EventSource(live.dataset.live) : null;
      feed?.addEventListener("counters", tell);
      feed?.addEventListener("end", () => {
        feed.close();
        document.removeEventListener("visibilitychange", listen);
      });
    };
    document.addEventListener("visibilitychange", listen);
    window.addEventListener("pagehide", () => feed?.close());
    listen();
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
})();
