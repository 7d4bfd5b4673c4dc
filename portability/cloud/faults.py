"""What openstacksdk and keystoneauth raise, in our words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from keystoneauth1 import exceptions as keystone
from openstack import exceptions as sdk

from portability.errors import CannotConnect, CloudError, Refused
from portability.model.units import CloudLabel

_UNSURE = frozenset({500, 502, 503, 504})


@contextmanager
def told_by(cloud: CloudLabel, what: str) -> Iterator[None]:
    """Inside, the errors of the libraries become ours; `what` was being done.

    Raises:
        Refused: the API answered 4xx, except 401.
        CannotConnect: there was no answer, or no such service, or the credentials were not taken.
        CloudError: the API answered 5xx or something that makes no sense.
    """
    try:
        yield
    except (sdk.SDKException, keystone.ClientException) as error:
        raise translate(cloud, what, error) from error


def translate(cloud: CloudLabel, what: str, error: Exception) -> CloudError:
    status = status_of(error)
    if status is None:
        return _without_answer(cloud, what, error)
    if status == 401:
        return CannotConnect(
            cloud, f"{what}: the credentials were not accepted (401)", way_out="check auth: in clouds.yaml"
        )
    if 400 <= status < 500:
        return Refused(cloud, f"{what}: refused ({status}): {words_of(error)}", status=status)
    return CloudError(cloud, f"{what}: the service failed ({status}): {words_of(error)}")


def status_of(error: Exception) -> int | None:
    """The HTTP status that the error stands for; None: there was no answer."""
    status = getattr(error, "status_code", None) or getattr(error, "http_status", None)
    return status if isinstance(status, int) and status else None


def words_of(error: Exception) -> str:
    """The API's own words, without URL and class names."""
    details = getattr(error, "details", None) or getattr(error, "message", None) or str(error)
    return " ".join(str(details).split())[:500]


def reason_of(error: Exception) -> str:
    """The system's own words out of the layers that requests and urllib3 wrap around them."""
    words = words_of(error)
    found = re.findall(r"\[(?:Errno -?\d+|SSL: \w+)\] ([^'\")(]+)", words)
    return found[-1].strip() if found else words


def is_unsure(error: BaseException) -> bool:
    """Whether the request may have been carried out all the same: lost answers, and services that broke on the way."""
    if isinstance(error, keystone.SSLError | keystone.EndpointNotFound):
        return False
    if isinstance(error, keystone.ConnectionError):
        return True
    return isinstance(error, sdk.SDKException | keystone.ClientException) and status_of(error) in _UNSURE


def _without_answer(cloud: CloudLabel, what: str, error: Exception) -> CloudError:
    if isinstance(error, keystone.SSLError):
        return CannotConnect(
            cloud,
            f"{what}: TLS fails: {reason_of(error)}",
            way_out="an authority of your own is named as `cacert:` in clouds.yaml; is it https at all?",
        )
    if isinstance(error, keystone.EndpointNotFound | sdk.EndpointNotFound | sdk.ServiceDisabledException):
        return CannotConnect(
            cloud,
            f"{what}: the service catalogue has no such service: {words_of(error).rpartition(': ')[2]}",
            way_out="check `region_name:` and `interface:` in clouds.yaml",
        )
    if isinstance(error, keystone.ConnectionError):
        return CannotConnect(
            cloud, f"{what}: no answer: {reason_of(error)}", way_out="is the address right and reachable from here?"
        )
    return CloudError(cloud, f"{what}: {words_of(error)}")
