"""Run in a server as `python3 - COUNT`: milliseconds of each of COUNT requests to the metadata service, as JSON.

A request that fails is null. Standard library only.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs
import http.client
import json
import sys
import time


def once():
    connection = http.client.HTTPConnection("169.254.169.254", 80, timeout=5)
    start = time.perf_counter()
    try:
        connection.request("GET", "/openstack/latest/meta_data.json")
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return (time.perf_counter() - start) * 1000 if response.status == 200 else None


sys.stdout.write(json.dumps([once() for _ in range(int(sys.argv[1]))]))
