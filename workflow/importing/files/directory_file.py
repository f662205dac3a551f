"""A directory as a YAML file a person can read and edit: reading it, with every fault reported, and writing.

The form is in `workflow/sample/directory.yaml`. Proposing a first directory from a plan is `proposal`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import process

from workflow.domain.addresses import EMAIL
from workflow.domain.errors import TiendoError
from workflow.domain.people.directory import UNIT_ID, BodyKind, Directory, Person, Role, Unit, reached
from workflow.domain.people.organisations import OrganisationKind, kind_said
from workflow.domain.words import Words
from workflow.importing.files.yaml_faults import CURE, loaded_yaml, place_of

LARGEST_BYTES = 5_000_000
_UNIT_KEYS = ("id", "name", "aliases", "members", "committee", "cluster")
_PERSON_KEYS = ("name", "email", "title", "roles")


class WrongDirectory(TiendoError):
    """An invalid directory file."""


def read_directory(path: Path) -> Directory:
    """Reads the directory in a YAML file; raises WrongDirectory, with the place and the cure."""
    return directory_from(_loaded(path), path.name)


def read_directory_yaml(text: str, name: str) -> Directory:
    """The same for YAML text; `name` is shown as its source in errors."""
    return directory_from(_parsed(text, name), name)


def directory_from(content: Any, name: str) -> Directory:
    """The directory a loaded YAML document holds; `name` says where it stands."""
    found = _mapping(content, name, ("organisation", "kind", "units", "persons"))
    organisation = _text(found, "organisation", name)
    units = tuple(_unit(entry, where) for entry, where in _entries(found, "units", name))
    persons = tuple(_person(entry, where) for entry, where in _entries(found, "persons", name))
    directory = Directory(organisation, units, persons, _kind(found, name))
    _check(directory, name)
    return directory


def write_directory(directory: Directory, path: Path) -> None:
    """Writes a directory in the form `read_directory` reads."""
    path.write_text(directory_yaml(directory), encoding="utf-8")


def directory_yaml(directory: Directory) -> str:
    """The text of such a file."""
    return yaml.safe_dump(directory_content(directory), allow_unicode=True, sort_keys=False, width=110)


def directory_content(directory: Directory) -> dict[str, Any]:
    """A directory as the plain values `directory_from` takes."""
    return {
        "organisation": directory.organisation,
        **({"kind": directory.kind.value} if directory.kind else {}),
        "units": [_unit_entry(unit) for unit in directory.units],
        "persons": [_person_entry(person) for person in directory.persons],
    }


# --- reading ------------------------------------------------------------------------------------------------


def _loaded(path: Path) -> Any:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise WrongDirectory(
                Words("Tệp danh bạ quá lớn."),
                where=path.name,
                cure=Words("Tệp phải dưới %(largest_bytes)s MB.", largest_bytes=LARGEST_BYTES // 1000000),
            )
        return _parsed(path.read_text(encoding="utf-8-sig"), path.name)
    except OSError as error:
        raise WrongDirectory(
            Words("Không mở được tệp danh bạ."),
            where=str(path),
            cure=Words("Kiểm tra đường dẫn và quyền đọc tệp."),
        ) from error
    except UnicodeDecodeError as error:
        raise WrongDirectory(
            Words("Tệp danh bạ không phải UTF-8."), where=path.name, cure=Words("Lưu lại bằng UTF-8.")
        ) from error


def _parsed(text: str, name: str) -> Any:
    try:
        return loaded_yaml(text)
    except yaml.YAMLError as error:
        raise WrongDirectory(
            Words("Tệp danh bạ sai cú pháp YAML."), where=place_of(error, name), cure=CURE
        ) from error


def _kind(found: Mapping[str, Any], where: str) -> OrganisationKind | None:
    said = _text(found, "kind", where, default="")
    kind = kind_said(said) if said else None
    if said and kind is None:
        raise WrongDirectory(
            Words("Không hiểu loại đơn vị “%(said)s”.", said=said),
            where=f"{where}.kind",
            cure=Words("Ghi một trong: %(names)s.", names=", ".join(OrganisationKind)),
        )
    return kind


def _unit(entry: Any, where: str) -> Unit:
    found = _mapping(entry, where, _UNIT_KEYS)
    unit_id = _text(found, "id", where)
    if not UNIT_ID.fullmatch(unit_id):
        raise WrongDirectory(
            Words("Mã đơn vị “%(unit_id)s” không hợp lệ.", unit_id=unit_id),
            where=f"{where}.id",
            cure=Words("Chỉ dùng chữ thường không dấu, chữ số và dấu gạch nối, ví dụ: hoi-lhpn."),
        )
    committee = found.get("committee", False)
    if not isinstance(committee, bool) and committee not in list(BodyKind):
        raise WrongDirectory(
            Words("Giá trị phải là true, false hoặc council."),
            where=f"{where}.committee",
            cure=Words("Sửa thành true; hội đồng thi đua thì ghi council."),
        )
    return Unit(
        id=unit_id,
        name=_text(found, "name", where),
        aliases=_texts(found, "aliases", where),
        members=_texts(found, "members", where),
        is_committee=bool(committee),
        cluster=_text(found, "cluster", where, default=""),
        body=BodyKind.COMMITTEE if isinstance(committee, bool) else BodyKind(committee),
    )


def _person(entry: Any, where: str) -> Person:
    found = _mapping(entry, where, _PERSON_KEYS)
    email = _text(found, "email", where)
    if not EMAIL.fullmatch(email):
        raise WrongDirectory(
            Words("“%(email)s” không phải địa chỉ thư điện tử.", email=email),
            where=f"{where}.email",
            cure=Words("Ghi đủ dạng ten@coquan.vn, mỗi người một địa chỉ."),
        )
    return Person(
        name=_text(found, "name", where),
        email=email,
        title=_text(found, "title", where, default=""),
        roles=tuple(_roles(found.get("roles") or {}, f"{where}.roles")),
    )


def _roles(found: Any, where: str) -> Iterator[tuple[str, Role]]:
    if not isinstance(found, Mapping):
        raise WrongDirectory(
            Words("Vai trò phải ghi theo từng đơn vị."),
            where=where,
            cure=Words("Ví dụ: roles: {ubnd: reporter}."),
        )
    for unit_id, said in found.items():
        for word in said if isinstance(said, list) else [said]:
            if word not in list(Role):
                raise WrongDirectory(
                    Words("Không có vai trò “%(word)s”.", word=word),
                    where=f"{where}.{unit_id}",
                    cure=Words(
                        "Chọn một trong: %(names)s.%(word)s",
                        names=", ".join(Role),
                        word=_nearest(str(word), list(Role)),
                    ),
                )
            yield str(unit_id), Role(word)


def _check(directory: Directory, where: str) -> None:
    """Checks across entries: repeated ids, and members and roles that refer to unknown units."""
    ids: set[str] = set()
    for place, unit in enumerate(directory.units, start=1):
        if unit.id in ids:
            raise WrongDirectory(
                Words("Mã đơn vị “%(unit)s” dùng hai lần.", unit=unit.id),
                where=f"{where}: units[{place}].id",
                cure=Words("Đặt mã khác."),
            )
        ids.add(unit.id)
    for place, unit in enumerate(directory.units, start=1):
        for member in unit.members:
            _known(member, ids, f"{where}: units[{place}].members")
        if unit.id in reached(directory, unit):
            raise WrongDirectory(
                Words("Nhóm “%(name)s” chứa chính nó.", name=unit.name),
                where=f"{where}: units[{place}].members",
                cure=Words("Bỏ mã của nhóm khỏi các thành viên."),
            )
    addresses: set[str] = set()
    for place, person in enumerate(directory.persons, start=1):
        if person.email.lower() in addresses:
            raise WrongDirectory(
                Words("Địa chỉ “%(email)s” ghi cho hai người.", email=person.email),
                where=f"{where}: persons[{place}].email",
                cure=Words(
                    "Mỗi người một dòng, một địa chỉ riêng; người giữ nhiều vai trò thì ghi chung một dòng."
                ),
            )
        addresses.add(person.email.lower())
        for unit_id, _ in person.roles:
            _known(unit_id, ids, f"{where}: persons[{place}].roles ({person.name})")


def _known(unit_id: str, ids: set[str], where: str) -> None:
    if unit_id not in ids:
        raise WrongDirectory(
            Words("Không có đơn vị mã “%(unit_id)s”.", unit_id=unit_id),
            where=where,
            cure=Words(
                "Thêm đơn vị này vào units, hoặc sửa mã.%(unit_id)s", unit_id=_nearest(unit_id, sorted(ids))
            ),
        )


def _entries(found: Mapping[str, Any], key: str, name: str) -> list[tuple[Any, str]]:
    entries = found.get(key)
    if not isinstance(entries, list) or not entries:
        raise WrongDirectory(
            Words("Danh bạ thiếu mục “%(key)s”.", key=key),
            where=name,
            cure=Words("Thêm danh sách %(key)s: với ít nhất một dòng.", key=key),
        )
    return [(entry, f"{name}: {key}[{place}]") for place, entry in enumerate(entries, start=1)]


def _mapping(found: Any, where: str, keys: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(found, Mapping):
        raise WrongDirectory(
            Words("Mục này phải gồm các cặp “khóa: giá trị”."),
            where=where,
            cure=Words("Các khóa: %(names)s.", names=", ".join(keys)),
        )
    for key in found:
        if key not in keys:
            raise WrongDirectory(
                Words("Không có khóa “%(key)s”.", key=key),
                where=where,
                cure=Words(
                    "Các khóa dùng được: %(names)s.%(key)s",
                    names=", ".join(keys),
                    key=_nearest(str(key), keys),
                ),
            )
    return found


def _text(found: Mapping[str, Any], key: str, where: str, default: str | None = None) -> str:
    text = found.get(key, default)
    if text is None or isinstance(text, (list, dict)) or (default is None and not str(text).strip()):
        raise WrongDirectory(
            Words("Thiếu “%(key)s”.", key=key),
            where=where,
            cure=Words("Ghi giá trị cho %(key)s, là một dòng chữ.", key=key),
        )
    return " ".join(str(text).split())


def _texts(found: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    texts = found.get(key) or []
    if not isinstance(texts, list) or any(isinstance(text, (list, dict)) or text is None for text in texts):
        raise WrongDirectory(
            Words("Mục này phải là một danh sách."),
            where=f"{where}.{key}",
            cure=Words("Ví dụ: %(key)s: [mot, hai].", key=key),
        )
    return tuple(" ".join(str(text).split()) for text in texts)


def _nearest(word: str, known: Sequence[str]) -> str:
    near = process.extractOne(word, known, score_cutoff=70)
    return Words(" Có phải là “%(near)s”?", near=near[0]) if near else ""


# --- writing ------------------------------------------------------------------------------------------------


def _unit_entry(unit: Unit) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": unit.id, "name": unit.name}
    if unit.aliases:
        entry["aliases"] = list(unit.aliases)
    if unit.members:
        entry["members"] = list(unit.members)
    if unit.is_committee:
        entry["committee"] = True if unit.body is BodyKind.COMMITTEE else unit.body.value
    if unit.cluster:
        entry["cluster"] = unit.cluster
    return entry


def _person_entry(person: Person) -> dict[str, Any]:
    roles: dict[str, Any] = {}
    for unit_id, role in person.roles:
        said = roles.get(unit_id)
        roles[unit_id] = (
            role.value if said is None else [*(said if isinstance(said, list) else [said]), role.value]
        )
    entry: dict[str, Any] = {"name": person.name, "email": person.email}
    if person.title:
        entry["title"] = person.title
    if roles:
        entry["roles"] = roles
    return entry
