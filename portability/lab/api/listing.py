"""Lists as the services give them: pages with links to the next one, and filters on what is shown."""

from collections.abc import Sequence
from urllib.parse import urlencode

from portability.lab.api.web import Body, Call
from portability.lab.state.faults import bad_request

_PAGING = {"limit", "marker", "sort_key", "sort_dir", "sort", "fields", "page_reverse", "offset", "with_count"}


def page(call: Call, items: Sequence[Body], *, most: int = 1000, key: str = "id") -> tuple[list[Body], str | None]:
    """The part that `marker`, `offset` and `limit` ask for, and the query of the next part if there is more.

    Raises:
        Fault: 400 for a marker that is not there, or a limit that is no number.
    """
    chosen = list(items)
    marker = call.arg("marker")
    if marker is not None:
        places = [place for place, item in enumerate(chosen) if str(item[key]) == marker]
        if not places:
            raise bad_request(f"marker [{marker}] not found")
        chosen = chosen[places[0] + 1 :]
    offset = _number(call, "offset")
    chosen = chosen[offset or 0 :]
    limit = _number(call, "limit")
    size = min(most, limit) if limit else (most if limit is None else 0)
    if limit == 0 or len(chosen) <= size:
        return (chosen[:size] if limit != 0 else []), None
    chosen = chosen[:size]
    rest = [(name, value) for name, value in call.query if name not in ("marker", "offset")]
    return chosen, urlencode([*rest, ("marker", chosen[-1][key])])


def _number(call: Call, name: str) -> int | None:
    value = call.arg(name)
    if value is None or value == "":
        return None
    if not value.isdigit():
        raise bad_request(
            f"Invalid input for query parameters {name}. Value: {value}. '{value}' does not match '^[0-9]*$'"
        )
    return int(value)


def links(call: Call, name: str, next_query: str | None) -> Body:
    """Nova's, Neutron's and Cinder's way to say that there is more."""
    if next_query is None:
        return {}
    return {f"{name}_links": [{"rel": "next", "href": f"{call.url}?{next_query}"}]}


def sort(call: Call, items: list[Body], *, default: str, descending: bool) -> list[Body]:
    """By `sort_key` and `sort_dir`, or Cinder's and Glance's `sort=key:dir`."""
    key = call.arg("sort_key")
    direction = call.arg("sort_dir")
    combined = call.arg("sort")
    if combined:
        key, _, direction = combined.split(",")[0].partition(":")
    downward = direction == "desc" if direction else (descending if key in (None, default) else False)
    name = key or default
    return sorted(items, key=lambda item: (item.get(name) is not None, str(item.get(name))), reverse=downward)


def matches(call: Call, item: Body) -> bool:
    """Neutron's filters: every named attribute equals one of the values given; tags as the API guide says."""
    wanted: dict[str, list[str]] = {}
    for name, value in call.query:
        if name not in _PAGING:
            wanted.setdefault(name, []).append(value)
    return all(_has(item, name, values) for name, values in wanted.items())


def _has(item: Body, name: str, values: list[str]) -> bool:
    tags = set(item.get("tags", ()))
    asked = {tag for value in values for tag in value.split(",")}
    if name == "tags":
        return asked <= tags
    if name in ("tags-any", "tags_any"):
        return bool(asked & tags)
    if name in ("not-tags", "not_tags"):
        return not asked <= tags
    if name in ("not-tags-any", "not_tags_any"):
        return not asked & tags
    if name == "fixed_ips":
        return any(_has_address(item, value) for value in values)
    if name == "tenant_id":
        name = "project_id"
    if name not in item:
        return True
    found = item[name]
    if isinstance(found, bool):
        return any(value.lower() in (("true", "1") if found else ("false", "0")) for value in values)
    if isinstance(found, list):
        return any(value in found for value in values)
    return ("" if found is None else str(found)) in values


def _has_address(item: Body, condition: str) -> bool:
    name, _, value = condition.partition("=")
    if name == "ip_address_substr":
        return any(value in ip["ip_address"] for ip in item["fixed_ips"])
    return any(ip.get(name) == value for ip in item["fixed_ips"])
