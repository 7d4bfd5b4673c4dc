"""Version documents, as keystoneauth reads them to find its way."""

from portability.lab.api.web import Answer, Body, Call, Version

NOVA: tuple[Version, Version] = ((2, 1), (2, 96))
CINDER: tuple[Version, Version] = ((3, 0), (3, 70))


def _links(url: str) -> list[Body]:
    return [{"rel": "self", "href": url.rstrip("/") + "/"}]


def keystone_document(call: Call, *, alone: bool) -> Answer:
    version = {
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": _links(call.origin + "/identity/v3"),
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
    }
    if alone:
        return Answer(body={"version": version})
    return Answer(status=300, body={"versions": {"values": [version]}})


def nova_document(call: Call, *, alone: bool) -> Answer:
    version = {
        "id": "v2.1",
        "status": "CURRENT",
        "version": _text(NOVA[1]),
        "min_version": _text(NOVA[0]),
        "updated": "2013-07-23T11:33:21Z",
        "links": _links(call.origin + "/compute/v2.1"),
    }
    if alone:
        media = [{"base": "application/json", "type": "application/vnd.openstack.compute+json;version=2.1"}]
        return Answer(body={"version": {**version, "media-types": media}})
    return Answer(body={"versions": [version]})


def neutron_document(call: Call, *, alone: bool) -> Answer:
    if alone:
        names = ("networks", "subnets", "ports", "routers", "floatingips", "security-groups", "security-group-rules")
        base = call.origin + "/network/v2.0/"
        resources = [
            {"name": name[:-1].replace("-", "_"), "collection": name, "links": [{"rel": "self", "href": base + name}]}
            for name in names
        ]
        return Answer(body={"resources": resources})
    version = {"id": "v2.0", "status": "CURRENT", "links": _links(call.origin + "/network/v2.0")}
    return Answer(body={"versions": [version]})


def glance_document(call: Call) -> Answer:
    minors = (15, 9, 7, 6, 5, 4, 3, 2, 1, 0)
    versions = [
        {
            "id": f"v2.{minor}",
            "status": "CURRENT" if minor == 15 else "SUPPORTED",
            "links": _links(call.origin + "/image/v2"),
        }
        for minor in minors
    ]
    return Answer(status=300, body={"versions": versions})


def cinder_document(call: Call, *, alone: bool) -> Answer:
    version = {
        "id": "v3.0",
        "status": "CURRENT",
        "version": _text(CINDER[1]),
        "min_version": _text(CINDER[0]),
        "updated": "2022-03-02T00:00:00Z",
        "links": _links(call.origin + "/volume/v3"),
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.volume+json;version=3"}],
    }
    return Answer(status=200 if alone else 300, body={"versions": [version]})


def _text(version: Version) -> str:
    return f"{version[0]}.{version[1]}"
