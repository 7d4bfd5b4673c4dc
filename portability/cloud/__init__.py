"""The clouds, through openstacksdk: the one folder that imports it."""
