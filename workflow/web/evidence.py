"""Evidence files of a report form: kept by their content at once, so that a form refused, or saved as a
draft, costs nobody a second upload."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import FormData

from workflow.storage.facts import Evidence
from workflow.web.forms import MAX_FILES, file_name, files_of, media_type_of, refusal_of, texts_of
from workflow.web.site import Holder, Site
from workflow.web.stamps import NotFromThePage


@dataclass(frozen=True, slots=True)
class Taken:
    """The files a form carries now, those of an earlier try included, and why others were not taken."""

    files: list[Evidence]
    refusals: str = ""


def take_evidence(site: Site, holder: Holder, cycle_id: int, form: FormData) -> Taken:
    """Keeps the files of a form. A file of an earlier try comes back sealed, bound to link and cycle."""
    kept: list[Evidence] = []
    for sealed in texts_of(form, "kept"):
        cycle, sha256, name, size = site.stamps.unsealed(sealed, holder.link.id, 4)
        if cycle != cycle_id:
            raise NotFromThePage
        kept.append(Evidence(sha256, name, media_type_of(name), size))
    refusals = []
    for file in files_of(form, "evidence"):
        why = refusal_of(file)
        if not why and len(kept) >= MAX_FILES:
            why = f"Chỉ nhận nhiều nhất {MAX_FILES} tệp; tệp “{file_name(file)}” chưa được nhận."
        if why:
            refusals.append(why)
            continue
        name = file_name(file)
        sha256 = site.files.put(file.file.read())
        if sha256 not in [one.sha256 for one in kept]:
            kept.append(Evidence(sha256, name, media_type_of(name), file.size or 0))
    return Taken(kept, " ".join(refusals))


def sealed_evidence(
    site: Site, holder: Holder, cycle_id: int, files: list[Evidence]
) -> list[tuple[str, Evidence]]:
    """Each file with the seal by which the form brings it back."""
    return [
        (site.stamps.sealed(holder.link.id, cycle_id, one.sha256, one.name, one.size), one) for one in files
    ]
