"""Evidence files of a report form: recognised by content, pictures scaled down, stored at once, so that a
form that is refused, or saved as a draft, needs no second upload."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from starlette.datastructures import FormData, UploadFile

from workflow.domain.vietnamese import number
from workflow.domain.words import Words
from workflow.settings import Settings
from workflow.storage.cycles.acts import Evidence
from workflow.web.duties import pictures
from workflow.web.duties.file_kinds import ENDINGS, NotTaken, kind_of, media_type_of, named
from workflow.web.forms import MAX_BODY_MB, files_of, name_of, texts_of
from workflow.web.site import Holder, Site
from workflow.web.stamps import NotFromThePage


@dataclass(frozen=True, slots=True)
class EvidenceLimits:
    """The limits shown before a file is chosen: how many, the size of each and of one upload, which kinds."""

    files: int
    file_mb: int
    all_mb: int
    picture_side: int
    endings: str

    @classmethod
    def of(cls, settings: Settings) -> EvidenceLimits:
        """The limits in force."""
        most = min(MAX_BODY_MB, settings.evidence_files * settings.evidence_file_mb)
        side = settings.picture_side
        return cls(settings.evidence_files, settings.evidence_file_mb, most, side, ",".join(ENDINGS))


@dataclass(frozen=True, slots=True)
class TakenFiles:
    """The files a form carries now, including those of an earlier try, and why others were refused."""

    files: list[Evidence]
    refusals: str = ""


def take_evidence(site: Site, holder: Holder, cycle_id: int, form: FormData) -> TakenFiles:
    """Stores the files of a form. A file of an earlier try is sent back sealed, bound to link and cycle."""
    kept: list[Evidence] = []
    for sealed in texts_of(form, "kept"):
        cycle, sha256, name, size = site.stamps.unsealed(sealed, holder.link.id, 4)
        if cycle != cycle_id:
            raise NotFromThePage
        if sha256 not in [one.sha256 for one in kept]:
            kept.append(Evidence(sha256, name, media_type_of(name), size))
    refusals = []
    most = site.settings.evidence_files
    for file in files_of(form, "evidence"):
        try:
            if len(kept) >= most:
                raise NotTaken(
                    Words("chưa được nhận vì mỗi báo cáo chỉ kèm nhiều nhất %(most)s tệp", most=most)
                )
            taken = _taken(site, file)
        except NotTaken as why:
            refusals.append(Words("Tệp “%(file)s” %(why)s.", file=name_of(file), why=why.args[0]))
            continue
        if taken.sha256 not in [one.sha256 for one in kept]:
            kept.append(taken)
    return TakenFiles(kept, Words.joined(refusals))


def _taken(site: Site, file: UploadFile) -> Evidence:
    limit, size = site.settings.evidence_file_mb, file.size or 0
    if not size:
        raise NotTaken(Words("rỗng"))
    if size > limit * 1_000_000:
        raise NotTaken(
            Words(
                "nặng %(size)s MB, quá giới hạn %(limit)s MB",
                size=number(Decimal(size) / 1000000, 1),
                limit=limit,
            )
        )
    body = file.file.read()
    kind = kind_of(body)
    if kind.is_picture:
        body = pictures.fit(body, kind, site.settings.picture_side)
    return Evidence(site.files.put(body), named(name_of(file), kind), kind.media_type, len(body))


def sealed_evidence(
    site: Site, holder: Holder, cycle_id: int, files: list[Evidence]
) -> list[tuple[str, Evidence]]:
    """Each file with the seal by which the form brings it back."""
    return [
        (site.stamps.sealed(holder.link.id, cycle_id, one.sha256, one.name, one.size), one) for one in files
    ]
