"""An Ansible module that writes several small files in one round trip, where `copy` and `template` take two each."""

import grp
import os
import pwd
import tempfile

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: small_files
short_description: Write several small files at once
description:
  - Makes each file have this content, mode, owner and group. A file that already has them is not touched; one that
    has not is replaced in one step, so that nobody ever reads half of it.
options:
  files:
    description: The files, in order. Folders are made where they are missing.
    required: true
    type: list
    elements: dict
    suboptions:
      path: {required: true, type: path}
      content: {required: true, type: str}
      mode: {default: "0644", type: str}
      owner: {default: root, type: str}
      group: {default: root, type: str}
      validate: {type: str, description: "A command that accepts a good file, with %s for its path."}
attributes:
  check_mode: {support: full}
"""

RETURN = r"""
paths:
  description: The files that were changed.
  returned: always
  type: list
"""

OPTIONS = {
    "path": {"type": "path", "required": True},
    "content": {"type": "str", "required": True},
    "mode": {"type": "str", "default": "0644"},
    "owner": {"type": "str", "default": "root"},
    "group": {"type": "str", "default": "root"},
    "validate": {"type": "str"},
}


def main():
    module = AnsibleModule(
        argument_spec={"files": {"type": "list", "elements": "dict", "required": True, "options": OPTIONS}},
        supports_check_mode=True,
    )
    paths = []
    for file in module.params["files"]:
        try:
            if install(module, file):
                paths.append(file["path"])
        except (OSError, KeyError, ValueError) as error:
            module.fail_json(msg=f"{file['path']}: {error}", paths=paths)
    module.exit_json(changed=bool(paths), paths=paths)


def install(module, file):
    """Whether the file had to be changed."""
    path, content = file["path"], file["content"].encode()
    mode = int(file["mode"], 8)
    user, group = pwd.getpwnam(file["owner"]).pw_uid, grp.getgrnam(file["group"]).gr_gid
    if is_so(path, content, mode, user, group):
        return False
    if not module.check_mode:
        replace(module, file, content, mode, user, group)
    return True


def is_so(path, content, mode, user, group):
    try:
        there = os.stat(path)
        if (there.st_mode & 0o7777, there.st_uid, there.st_gid) != (mode, user, group):
            return False
        with open(path, "rb") as file:
            return file.read() == content
    except FileNotFoundError:
        return False


def replace(module, file, content, mode, user, group):
    folder = os.path.dirname(file["path"])
    os.makedirs(folder, exist_ok=True)
    # mkstemp makes it readable for its owner only, so a secret is never open to others.
    descriptor, new = tempfile.mkstemp(dir=folder, prefix=f".{os.path.basename(file['path'])}.")
    try:
        with os.fdopen(descriptor, "wb") as sink:
            sink.write(content)
            os.fchown(sink.fileno(), user, group)
            os.fchmod(sink.fileno(), mode)
        if file["validate"]:
            status, out, err = module.run_command(file["validate"].replace("%s", new))
            if status != 0:
                raise ValueError(f"not accepted by {file['validate']!r}: {(err or out).strip()[-500:]}")
        os.replace(new, file["path"])
    except BaseException:
        os.unlink(new)
        raise


if __name__ == "__main__":
    main()
