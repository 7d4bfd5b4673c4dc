"""clouds.yaml: found and read as openstacksdk does, with errors that name the file and the way out."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from portability.errors import BadFile, CannotConnect, UnknownCloud
from portability.model.units import CloudLabel

if TYPE_CHECKING:
    from openstack.config.cloud_region import CloudRegion

_OTHER_FILE = "OS_CLIENT_CONFIG_FILE names another file"


def cloud_names() -> tuple[str, ...]:
    """The clouds that can be named, in the order of the file; with the one of OS_* variables, if they are set.

    Raises:
        BadFile: clouds.yaml cannot be read.
    """
    from openstack.config import OpenStackConfig

    _, clouds = _read_file()
    if not clouds and "OS_AUTH_URL" not in os.environ:  # the SDK would make up a cloud named `defaults`
        return ()
    return tuple(OpenStackConfig().get_cloud_names())


def load_region(cloud_name: str, *, label: CloudLabel) -> CloudRegion:
    """What clouds.yaml says about a cloud, with secure.yaml and the SDK's defaults mixed in.

    Raises:
        UnknownCloud: there is no such name, or no clouds.yaml.
        BadFile: clouds.yaml cannot be read.
        CannotConnect: the entry is not enough to log in with.
    """
    from keystoneauth1.exceptions import ClientException
    from openstack.config import OpenStackConfig
    from openstack.exceptions import SDKException

    file, clouds = _read_file()
    if cloud_name not in cloud_names():
        raise _unknown(cloud_name, file, clouds)
    if cloud_name in clouds and not isinstance(clouds[cloud_name], Mapping):
        raise BadFile(file or "", f"{clouds[cloud_name]!r:.40} where the settings of a cloud are due", key=cloud_name)
    try:
        return OpenStackConfig().get_one(cloud=cloud_name, app_name="portability")
    except (SDKException, ClientException, ValueError, TypeError) as error:
        raise CannotConnect(
            label,
            f"the entry {cloud_name!r} of {file or 'the environment'} is not enough to log in with: "
            + " ".join(str(error).split()),
            way_out="see `auth:` and `auth_type:` in the clouds.yaml reference of openstacksdk",
        ) from error


def _read_file() -> tuple[str | None, Mapping[str, Any]]:
    """The first clouds.yaml that exists, and its clouds. openstacksdk itself passes over a file that is no YAML."""
    file = next((place for place in _places() if os.path.isfile(place)), None)
    if file is None:
        return None, {}
    try:
        with open(file, encoding="utf-8") as stream:
            content = yaml.safe_load(stream)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise BadFile(file, f"no YAML: {error.problem}", line=line, way_out=_OTHER_FILE) from error
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise BadFile(file, f"cannot be read: {error}", way_out=_OTHER_FILE) from error
    clouds = (content.get("clouds") or {}) if isinstance(content, Mapping) else content
    if content is not None and not isinstance(clouds, Mapping):
        raise BadFile(file, "a mapping `clouds:` of names to settings is due", way_out=_OTHER_FILE)
    return file, clouds or {}


def _places() -> tuple[str, ...]:
    from openstack.config import loader

    named = os.environ.get("OS_CLIENT_CONFIG_FILE")
    return (*((named,) if named else ()), *loader.CONFIG_FILES)


def _unknown(cloud_name: str, file: str | None, clouds: Mapping[str, Any]) -> UnknownCloud:
    named = os.environ.get("OS_CLIENT_CONFIG_FILE")
    places = [named] if named else []
    shown = ", ".join([*places, "./clouds.yaml", "~/.config/openstack/clouds.yaml", "/etc/openstack/clouds.yaml"])
    looked = f"looked for {shown}; {_OTHER_FILE}"
    if file is None:
        return UnknownCloud(f"no cloud {cloud_name!r}: there is no clouds.yaml", way_out=looked)
    if not clouds:
        return UnknownCloud(f"no cloud {cloud_name!r}: {file} has no clouds", way_out=looked)
    near = difflib.get_close_matches(cloud_name, clouds, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return UnknownCloud(
        f"no cloud {cloud_name!r} in {file}; there are {', '.join(sorted(clouds))}", way_out=f"{hint}{looked}"
    )
