"""Opening a cloud by its name in clouds.yaml: one token, one pool of connections, the needed services found."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from portability.cloud.configuration import cloud_names, load_region
from portability.errors import CannotConnect
from portability.model.units import CloudLabel

if TYPE_CHECKING:  # openstacksdk takes most of a second to import: only who opens a cloud pays
    from keystoneauth1.session import Session
    from openstack.config.cloud_region import CloudRegion

    from portability.cloud.project import OpenStackCloud
    from portability.cloud.transport import Tally, Transport

__all__ = ["cloud_names", "open_cloud"]

log = logging.getLogger(__name__)

CALLS_PER_SECOND = 40.0
"""Below the rate limits known from public clouds for one project, far above what a person needs."""
BURST = 40

NEEDED = {"compute": "Nova", "network": "Neutron", "image": "Glance", "block-storage": "Cinder"}


def open_cloud(
    cloud_name: str,
    *,
    label: CloudLabel,
    on_remark: Callable[[str], None] = log.warning,
    sleep: Callable[[float], None] | None = None,
) -> OpenStackCloud:
    """The project that this clouds.yaml name stands for, logged in, with the four services that a workload needs.

    `on_remark` is told each repeated call, from any thread.

    Raises:
        UnknownCloud: clouds.yaml has no such name, or there is none.
        BadFile: clouds.yaml cannot be read.
        CannotConnect: wrong credentials, no answer, an untrusted certificate, or a service is missing.
    """
    from openstack.connection import Connection

    from portability.cloud.project import OpenStackCloud
    from portability.cloud.transport import Tally, Throttle, Transport

    _keep_libraries_quiet()
    options: dict[str, Any] = {"sleep": sleep} if sleep else {}
    tally = Tally()
    throttle = Throttle(CALLS_PER_SECOND, burst=BURST, **options)
    transport = Transport(throttle=throttle, tally=tally, on_remark=on_remark, **options)
    region = load_region(cloud_name, label=label)
    session = _session(region, transport, label=label)
    project_id = _log_in(session, tally, label=label, auth_url=str(region.config.get("auth", {}).get("auth_url", "")))
    sdk = Connection(config=region)
    _find_services(sdk, label=label)
    transport.is_patient = True
    return OpenStackCloud(sdk, label=label, project_id=project_id, tally=tally, on_remark=on_remark)


def _keep_libraries_quiet() -> None:
    """Without a handler anywhere Python prints their log; what matters of it is in our errors. Deprecations within the
    SDK are not for our users to mend.
    """
    for category in (DeprecationWarning, PendingDeprecationWarning):
        warnings.filterwarnings("ignore", category=category, module="openstack")
    for name in ("keystoneauth", "openstack"):
        logging.getLogger(name).addHandler(logging.NullHandler())


def _session(region: CloudRegion, transport: Transport, *, label: CloudLabel) -> Session:
    from openstack.exceptions import ConfigException

    try:
        session = region.get_session()
    except ConfigException as error:
        raise CannotConnect(
            label, f"no way to log in: {error}", way_out="check `auth:` and `auth_type:` in clouds.yaml"
        ) from error
    for scheme in ("http://", "https://"):
        session.session.mount(scheme, transport)
    return session


def _log_in(session: Session, tally: Tally, *, label: CloudLabel, auth_url: str) -> str:
    """Get the one token; gives the project's id."""
    from keystoneauth1 import exceptions as keystone

    from portability.cloud.faults import translate, words_of

    auth: Any = session.auth
    try:
        access = auth.get_access(session)
    except keystone.Unauthorized as error:
        raise CannotConnect(
            label,
            f"{auth_url} did not accept user, password and project (401)",
            way_out="check them and their domains under `auth:` in clouds.yaml (and secure.yaml)",
        ) from error
    except keystone.ConnectionError as error:
        raise translate(label, f"log in at {auth_url}", error) from error
    except keystone.ClientException as error:
        if "SSL" in str(error):  # discovery folds the TLS failure into its own message
            raise translate(label, f"log in at {auth_url}", keystone.SSLError(str(error))) from error
        if "[Errno" in str(error):  # and so does it with a connection that does not come about
            raise translate(label, f"log in at {auth_url}", keystone.ConnectFailure(str(error))) from error
        raise CannotConnect(
            label,
            f"{auth_url} does not answer as an identity service: {words_of(error)}",
            way_out="is `auth_url:` in clouds.yaml right?",
        ) from error
    except OSError as error:
        raise CannotConnect(label, str(error), way_out="check `cacert:`, `cert:` and `key:` in clouds.yaml") from error
    except Exception as error:
        if type(error) is not Exception:  # which keystoneauth raises where no password is given
            raise
        raise CannotConnect(label, str(error), way_out="check `auth:` in clouds.yaml (and secure.yaml)") from error
    if not access.project_id:
        raise CannotConnect(
            label, "the token has no project", way_out="set `project_name:` and its domain in clouds.yaml"
        )
    tally.learn_services(
        {
            endpoint["url"].rstrip("/"): service["type"]
            for service in access.service_catalog.catalog
            for endpoint in service.get("endpoints", ())
        }
    )
    return str(access.project_id)


def _find_services(sdk: Any, *, label: CloudLabel) -> None:
    """Make the proxies of the needed services, which discovers their versions, before threads ask for them at once."""
    from portability.cloud.faults import told_by

    for service_type, project in NEEDED.items():
        with told_by(label, f"find {project} ({service_type})"):
            if not getattr(sdk, service_type.replace("-", "_")).get_endpoint():
                raise CannotConnect(
                    label,
                    f"{project} ({service_type}) has no endpoint",
                    way_out="a workload needs it; check `region_name:` and `interface:` in clouds.yaml",
                )
