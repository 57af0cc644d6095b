"""Uses Rollcall in its containers: check.py DOCKER BASE_IMAGE COMPOSE_COMMAND. Prints one line for each check."""

from __future__ import annotations

import html
import json
import re
import shlex
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.cookiejar import CookieJar

ADDRESS = "http://localhost:18080"
EMAIL, PASSWORD = "olga@example.com", "перекличка в полдень"
SIZE_MAX_MB, READY_MAX_SECONDS, WAIT_SECONDS = 250, 3.0, 90
DOCKER, BASE, COMPOSE = sys.argv[1], sys.argv[2], shlex.split(sys.argv[3])


class Same(urllib.request.HTTPRedirectHandler):
    """Does not follow redirects."""

    def redirect_request(self, *_given: object) -> None:
        return None


opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()), Same)


def main() -> None:
    wait(lambda: request("/readyz")[0] == 200, "Rollcall is ready behind nginx")
    flask("users", "create", "--email", EMAIL, "--name", "Ольга", "--owner", "--password-stdin", typed=PASSWORD)
    expect(post("/login", "/login", email=EMAIL, password=PASSWORD)[0] == 303, "sign in")
    status, place, _text = post("/users", "/users/new", email="anton@example.com", name="Антон Иванов")
    expect(status == 303 and "Антон Иванов" in request(place)[2], "create a person")
    _status, place, _text = post("/jobs/schedules/backups.create/run", "/jobs/schedules")
    job_id = place.rpartition("/")[2]
    wait(lambda: job(job_id)["state"] == "done", "the worker creates a backup")
    name = job(job_id)["result"]["file"]
    expect("Verified: 2 people" in flask("backup", "verify", f"/backups/{name}"), "verify the backup in its volume")
    expect("Every record is as it was written" in flask("audit", "verify"), "audit verify")
    for service in ("web", "worker"):
        check_container(service)
    check_size()
    check_start()


def check_container(service: str) -> None:
    container = output(*COMPOSE, "ps", "-q", service).strip()
    found = json.loads(output(DOCKER, "inspect", container))[0]
    host, user = found["HostConfig"], found["Config"]["User"]
    limits = host["Memory"] > 0 and host["PidsLimit"] > 0 and host["NanoCpus"] > 0
    guarded = host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"] and "no-new-privileges:true" in host["SecurityOpt"]
    expect(bool(guarded and limits and user == "10001:10001"), f"{service} is read-only, limited, without capabilities")
    usage = output(DOCKER, "stats", "--no-stream", "--format", "{{.MemUsage}}", container).strip()
    print(f"      memory of {service}: {usage}")


def check_size() -> None:
    image, base = (
        int(output(DOCKER, "image", "inspect", "-f", "{{.Size}}", name)) for name in ("rollcall:check", BASE)
    )
    added = (image - base) / 1e6
    expect(added <= SIZE_MAX_MB, f"the image adds {added:.0f} MB to its base (at most {SIZE_MAX_MB})")


def check_start() -> None:
    container = output(*COMPOSE, "ps", "-q", "web").strip()
    output(DOCKER, "stop", container)
    output(DOCKER, "start", container)
    began = time.monotonic()
    wait(lambda: request("/readyz")[0] == 200, "web starts again")
    seconds = time.monotonic() - began
    print(f"      ready {seconds:.1f} s after the start (target on an idle machine: {READY_MAX_SECONDS:.0f} s)")


def job(job_id: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(flask("jobs", "show", job_id, "--json"))
    return found


def flask(*arguments: str, typed: str = "") -> str:
    return output(*COMPOSE, "exec", "-T", "web", "flask", "--app", "wsgi", *arguments, typed=typed)


def output(*command: str, typed: str = "") -> str:
    result = subprocess.run(command, input=typed, capture_output=True, text=True, check=False)
    if result.returncode:
        sys.exit(f"{shlex.join(command)} failed with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result.stdout


def post(path: str, form: str, **fields: str) -> tuple[int, str, str]:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', request(form)[2])
    fields["csrf_token"] = html.unescape(token[1]) if token else ""
    return request(path, urllib.parse.urlencode(fields).encode())


def request(path: str, data: bytes | None = None) -> tuple[int, str, str]:
    """Return status, address of a redirect, and body. Status 0: no answer."""
    asked = urllib.request.Request(urllib.parse.urljoin(ADDRESS, path), data)
    try:
        with opener.open(asked, timeout=10) as response:
            return response.status, "", response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers.get("Location", ""), error.read().decode(errors="replace")
    except OSError:
        return 0, "", ""


def wait(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not condition() and time.monotonic() < end:
        time.sleep(0.2)
    expect(condition(), what)


def expect(true: bool, what: str) -> None:
    if not true:
        sys.exit(f"FAILED {what}")
    print(f"ok    {what}", flush=True)


main()
