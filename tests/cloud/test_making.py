import pytest
from keystoneauth1 import exceptions as keystone
from openstack import exceptions as sdk

from portability.cloud.making import make

LOST = keystone.ConnectFailure("connection reset")


class Service:
    """Raises what it is told to, in turn, and may make the thing all the same."""

    def __init__(self, *faults: Exception, makes_it_anyway: bool = False) -> None:
        self.faults = list(faults)
        self.made: list[str] = []
        self.anyway = makes_it_anyway
        self.remarks: list[str] = []

    def create(self) -> str:
        fault = self.faults.pop(0) if self.faults else None
        if fault is None or self.anyway:
            self.made.append("thing")
        if fault is not None:
            raise fault
        return "thing"

    def look(self) -> str | None:
        return self.made[-1] if self.made else None

    def make(self) -> str:
        return make(self.create, self.look, what="thing", on_remark=self.remarks.append, sleep=lambda _: None)


def test_a_create_whose_answer_was_lost_makes_one_thing() -> None:
    service = Service(LOST, makes_it_anyway=True)
    assert service.make() == "thing"
    assert service.made == ["thing"]
    assert "it was made all the same" in service.remarks[0]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_create_that_broke_on_the_way_is_asked_for_again(status: int) -> None:
    service = Service(http_error(status))
    assert service.make() == "thing"
    assert service.made == ["thing"]
    assert service.remarks[0].endswith("asking again")


@pytest.mark.parametrize("status", [400, 403, 404, 409, 413])
def test_a_refusal_is_neither_looked_after_nor_repeated(status: int) -> None:
    service = Service(http_error(status), makes_it_anyway=True)
    with pytest.raises(sdk.HttpException):
        service.make()
    assert len(service.made) == 1


def test_a_service_that_stays_broken_is_told() -> None:
    service = Service(*[LOST] * 9)
    with pytest.raises(keystone.ConnectFailure):
        service.make()
    assert len(service.faults) == 6


def test_a_bug_of_ours_is_not_repeated() -> None:
    service = Service(KeyError("typo"))
    with pytest.raises(KeyError):
        service.make()


def http_error(status: int) -> sdk.HttpException:
    error = sdk.HttpException("the service says so")
    error.status_code = status
    return error
