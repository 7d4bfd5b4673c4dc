"""Opening a cloud by its name in clouds.yaml: configuration, one token, one pool of connections."""

from __future__ import annotations

import difflib
import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from portability.errors import BadFile, CannotConnect, UnknownCloud
from portability.model.units import CloudLabel

if TYPE_CHECKING:  # openstacksdk takes most of a second to import: only who opens a cloud pays
    from keystoneauth1.session import Session
    from openstack.config import OpenStackConfig
    from openstack.config.cloud_region import CloudRegion

    from portability.cloud.project import OpenStackCloud

log = logging.getLogger(__name__)

CALLS_PER_SECOND = 40.0
"""Below the rate limits known from public clouds for one project, far above what a person needs."""
BURST = 40

NEEDED = {"compute": "Nova", "network": "Neutron", "image": "Glance", "block-storage": "Cinder"}


def open_cloud(
    cloud_name: str,
    *,
    label: str,
    on_remark: Callable[[str], None] = log.warning,
    sleep: Callable[[float], None] | None = None,
) -> OpenStackCloud:
    """The project that this clouds.yaml name stands for, logged in, with the four services that a workload needs found.

    `on_remark` is told each repeated call, from any thread.

    Raises:
        UnknownCloud: clouds.yaml has no such name, or there is none.
        BadFile: clouds.yaml cannot be read.
        CannotConnect: wrong credentials, no answer, an untrusted certificate, or a service is missing.
    """
    from openstack.connection import Connection

    from portability.cloud.project import OpenStackCloud
    from portability.cloud.transport import Tally, Throttle, Transport

    region = _region(cloud_name, label=label)
    options: dict[str, Any] = {"sleep": sleep} if sleep else {}
    tally = Tally()
    throttle = Throttle(CALLS_PER_SECOND, burst=BURST, **options)
    transport = Transport(throttle=throttle, tally=tally, on_remark=on_remark, **options)
    session = _session(region, transport, label=label)
    sdk = Connection(config=region)
    project_id = _log_in(session, tally, label=label, auth_url=_auth_url(region))
    _find_services(sdk, label=label, region_name=region.region_name)
    transport.is_patient = True
    return OpenStackCloud(sdk, label=label, project_id=project_id, tally=tally, on_remark=on_remark)


def cloud_names() -> tuple[str, ...]:
    """The clouds of clouds.yaml, for messages and completion."""
    from openstack.config import OpenStackConfig

    return tuple(_configuration(OpenStackConfig).get_cloud_names())


def _region(cloud_name: str, *, label: CloudLabel) -> CloudRegion:
    from openstack import exceptions as sdk_errors
    from openstack.config import OpenStackConfig

    configuration = _configuration(OpenStackConfig)
    names = [] if configuration.config_filename is None else list(configuration.get_cloud_names())
    if cloud_name not in names and cloud_name != configuration.envvar_key:
        raise _unknown(cloud_name, names, configuration)
    try:
        return configuration.get_one(cloud=cloud_name, app_name="portability")
    except (sdk_errors.ConfigException, ValueError, KeyError) as error:
        file = configuration.config_filename or "the environment"
        raise CannotConnect(label, f"the entry of {cloud_name!r} in {file} cannot work: {error}") from error
    except Exception as error:
        from keystoneauth1.exceptions import ClientException

        if not isinstance(error, ClientException):
            raise
        raise CannotConnect(
            label, f"the entry of {cloud_name!r} in {configuration.config_filename} cannot work: {error}"
        ) from error


def _configuration(constructor: type[OpenStackConfig]) -> OpenStackConfig:
    import yaml
    from openstack import exceptions as sdk_errors

    file = os.environ.get("OS_CLIENT_CONFIG_FILE") or "clouds.yaml"
    try:
        return constructor()
    except (yaml.YAMLError, sdk_errors.ConfigException, OSError) as error:
        problem = " ".join(str(error).split())
        raise BadFile(file, f"cannot be read: {problem}", way_out="see openstacksdk's clouds.yaml reference") from error


def _unknown(cloud_name: str, names: list[str], configuration: OpenStackConfig) -> UnknownCloud:
    if not names:
        return UnknownCloud(
            f"no cloud {cloud_name!r}: there is no clouds.yaml with clouds in it",
            way_out="looked for " + _looked_for() + "; name another file with OS_CLIENT_CONFIG_FILE",
        )
    near = difflib.get_close_matches(cloud_name, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return UnknownCloud(
        f"no cloud {cloud_name!r} in {configuration.config_filename}; there are {', '.join(sorted(names))}",
        way_out=f"{hint}looked for {_looked_for()}; name another file with OS_CLIENT_CONFIG_FILE",
    )


def _looked_for() -> str:
    named = os.environ.get("OS_CLIENT_CONFIG_FILE")
    places = [named] if named else []
    return ", ".join([*places, "./clouds.yaml", "~/.config/openstack/clouds.yaml", "/etc/openstack/clouds.yaml"])


def _session(region: CloudRegion, transport: Any, *, label: CloudLabel) -> Session:
    from openstack import exceptions as sdk_errors

    try:
        session = region.get_session()
    except sdk_errors.ConfigException as error:
        raise CannotConnect(
            label, f"no way to log in: {error}", way_out="check `auth:` and `auth_type:` in clouds.yaml"
        ) from error
    for scheme in ("http://", "https://"):
        session.session.mount(scheme, transport)
    return session


def _auth_url(region: CloudRegion) -> str:
    return str(region.config.get("auth", {}).get("auth_url", ""))


def _log_in(session: Session, tally: Any, *, label: CloudLabel, auth_url: str) -> str:
    """Get the one token; gives the project's id."""
    from keystoneauth1 import exceptions as keystone

    from portability.cloud.faults import translate, words_of

    try:
        access = session.auth.get_access(session)  # type: ignore[union-attr]
    except keystone.Unauthorized as error:
        raise CannotConnect(
            label,
            f"{auth_url} did not accept the user and password (401)",
            way_out="check user, password, project and domains under `auth:` in clouds.yaml (or secure.yaml)",
        ) from error
    except (keystone.DiscoveryFailure, keystone.NotFound) as error:
        raise CannotConnect(
            label,
            f"{auth_url} does not answer as an identity service: {words_of(error)}",
            way_out="is `auth_url:` in clouds.yaml right, and reachable from here?",
        ) from error
    except keystone.ClientException as error:
        raise translate(label, f"log in at {auth_url}", error) from error
    if not access.project_id:
        raise CannotConnect(
            label, "the token has no project", way_out="set `project_name:` (and its domain) in clouds.yaml"
        )
    endpoints = {
        endpoint["url"].rstrip("/"): service["type"]
        for service in access.service_catalog.catalog
        for endpoint in service.get("endpoints", ())
    }
    tally.learn_services(endpoints)
    return str(access.project_id)


def _find_services(sdk: Any, *, label: CloudLabel, region_name: str | None) -> None:
    """Make the proxies of the needed services, which discovers their versions, before threads ask for them at once."""
    from portability.cloud.faults import told_by

    for service_type, project in NEEDED.items():
        with told_by(label, f"find {project} ({service_type})"):
            proxy = getattr(sdk, service_type.replace("-", "_"))
            found = proxy.get_endpoint()
        if not found:
            where = f" in region {region_name}" if region_name else ""
            raise CannotConnect(
                label,
                f"no {project} ({service_type}) in the service catalogue{where}",
                way_out="a workload needs it; check `region_name:` and `interface:` in clouds.yaml",
            )
