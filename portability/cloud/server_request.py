"""What Nova is asked for, as openstacksdk wants it said."""

import base64
from typing import Any

from portability.cloud.protocol import ServerSpec


def server_request(spec: ServerSpec) -> dict[str, Any]:
    """The arguments of openstacksdk's create_server."""
    request: dict[str, Any] = {
        "name": spec.name,
        "flavor_id": spec.flavor_id,
        "networks": [{"port": spec.port_id}],
        "key_name": spec.key_pair,
        "has_config_drive": spec.config_drive,
    }
    if spec.boot_volume_gib is None:
        request["image_id"] = spec.image_id
    else:
        request["block_device_mapping"] = [_boot_volume(spec)]
    if spec.user_data is not None:
        request["user_data"] = base64.b64encode(spec.user_data).decode()
    if spec.zone:
        request["availability_zone"] = spec.zone
    if spec.metadata:
        request["metadata"] = dict(spec.metadata)
    return request


def _boot_volume(spec: ServerSpec) -> dict[str, Any]:
    volume: dict[str, Any] = {
        "boot_index": 0,
        "uuid": spec.image_id,
        "source_type": "image",
        "destination_type": "volume",
        "volume_size": spec.boot_volume_gib,
        "delete_on_termination": True,
    }
    if spec.boot_volume_type:  # since microversion 2.67
        volume["volume_type"] = spec.boot_volume_type
    return volume
