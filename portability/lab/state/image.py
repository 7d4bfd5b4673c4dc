"""Glance: the images of a cloud, which members see and do not change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portability.lab.state.faults import not_found
from portability.lab.state.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    id: str
    owner: str
    name: str
    created_at: datetime
    size: int
    checksum: str
    disk_format: str
    min_disk: int
    min_ram: int
    properties: Mapping[str, str]


KINDS = (Image,)


def get_image(store: Store, image_id: str) -> Image:
    image = store.get(Image, image_id)
    if image is None:
        raise not_found(f"No image found with ID {image_id}")
    return image
