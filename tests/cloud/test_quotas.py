import json
from typing import Any

import pytest
import requests

from portability.cloud.quotas import read_quotas
from portability.errors import CloudError
from portability.model.plan import UNLIMITED, Quota

LIMITS = {"maxTotalInstances": 10, "totalInstancesUsed": 3, "maxTotalCores": -1, "totalCoresUsed": 4}
VOLUMES = {"maxTotalVolumes": 10, "totalVolumesUsed": 2, "maxTotalVolumeGigabytes": 1000, "totalGigabytesUsed": 5}


class FakeService:
    """Answers GET by path; lists are what openstacksdk's proxies give."""

    def __init__(self, answers: dict[str, tuple[int, Any]]) -> None:
        self._answers = answers

    def get(self, path: str) -> requests.Response:
        response = requests.Response()
        response.status_code, body = self._answers.get(path, (404, {}))
        response._content = json.dumps(body).encode()
        response.headers["content-type"] = "application/json"
        response.url = "http://cloud" + path
        return response

    def ports(self, **_: object) -> list[Any]:
        return [type("Port", (), {"id": "1", "name": "theirs"})()]

    def nothing(self, **_: object) -> list[Any]:
        return []

    keypairs = networks = subnets = routers = ips = security_groups = nothing


class FakeConnection:
    def __init__(self, network: dict[str, tuple[int, Any]], compute_status: int = 200) -> None:
        self.compute = FakeService({"/limits": (compute_status, {"limits": {"absolute": LIMITS}})})
        self.block_storage = FakeService({"/limits": (200, {"limits": {"absolute": VOLUMES}})})
        self.network = FakeService(network)


def quotas(connection: FakeConnection) -> dict[str, Quota]:
    return {quota.name: quota for quota in read_quotas(connection, label="A", project_id="p")}  # type: ignore[arg-type]


def test_no_limit_is_told_as_unlimited_and_a_missing_one_is_left_out() -> None:
    read = quotas(FakeConnection({}))
    assert read["cores"] == Quota(name="cores", limit=UNLIMITED, used=4)
    assert read["instances"].free == 7
    assert "server_groups" not in read


def test_what_is_reserved_is_not_free() -> None:
    details = {"quota": {"port": {"limit": 50, "used": 7, "reserved": 2}}}
    assert quotas(FakeConnection({"/quotas/p/details": (200, details)}))["ports"].free == 41


@pytest.mark.parametrize("status", [403, 404, 500])
def test_usage_that_is_not_told_is_counted(status: int) -> None:
    limits = {"quota": {"port": 50, "network": 10, "security_group_rule": 100}}
    read = quotas(FakeConnection({"/quotas/p/details": (status, {}), "/quotas/p": (200, limits)}))
    assert read["ports"] == Quota(name="ports", limit=50, used=1)
    assert read["networks"] == Quota(name="networks", limit=10, used=0)
    assert read["security_group_rules"].used is None
    assert "routers" not in read


def test_a_service_that_refuses_its_limits_gives_none() -> None:
    assert "instances" not in quotas(FakeConnection({}, compute_status=403))


def test_a_service_that_fails_is_told_with_the_cloud() -> None:
    with pytest.raises(CloudError, match="A: read the quotas: the service failed"):
        quotas(FakeConnection({}, compute_status=500))
