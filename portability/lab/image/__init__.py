"""The root file system that the lab's servers boot from: built once on this machine, then kept."""

from portability.lab.image.build import Image, ImageNotBuilt, cache_folder, ensure
from portability.lab.image.packages import system_packages

__all__ = ["Image", "ImageNotBuilt", "cache_folder", "ensure", "system_packages"]
