"""Tests of a client of the Droplets API against the fake at the URL in FAKEAPI_URL. They need Python 3.9 and no packages."""

import http.client
import json
import os
import unittest
import urllib.error
import urllib.request

BASE = os.environ["FAKEAPI_URL"]


def send(method, path, body=None, token=None):
    """Sends a request and returns the status, the headers and the decoded body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(BASE + path, data=data, method=method)
    if token:
        request.add_header("Authorization", "Bearer " + token)
        request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request) as response:
            text = response.read()
            return response.status, response.headers, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        with error:
            text = error.read()
            return error.code, error.headers, json.loads(text) if text else None


def control(method, path, body=None):
    """Calls the control API of the fake and returns the decoded body. Raises ValueError for an error."""
    status, _, result = send(method, "/_fake/" + path, body)
    if status != 200:
        raise ValueError(result["error"])
    return result


class Client:
    """The client under test. It retries requests after a 503 and a 429, and waits for actions."""

    def __init__(self, wait):
        self.wait = wait  # called with a number of seconds; advances the clock of the fake instead of waiting

    def call(self, method, path, body=None):
        for attempt in range(3):
            status, headers, result = send(method, "/v2/" + path, body, token="any")
            if status not in (429, 503):
                break
            self.wait(int(headers.get("Retry-After", 1)))
        if status >= 300:
            raise OSError(f"{method} {path}: {status}")
        return result

    def wait_for_action(self, action_id):
        for _ in range(60):
            action = self.call("GET", f"actions/{action_id}")["action"]
            if action["status"] != "in-progress":
                return action["status"]
            self.wait(10)
        raise TimeoutError(f"action {action_id} is still in progress")


CREATE = {"name": "web-1", "region": "nyc3", "size": "s-1vcpu-1gb", "image": "ubuntu-24-04-x64"}


class FakeAPITest(unittest.TestCase):
    def setUp(self):
        control("POST", "reset", {"clock": "manual@2030-01-02T03:04:05Z", "action_duration": "55s"})
        self.client = Client(lambda seconds: control("POST", "clock", {"advance": f"{seconds}s"}))

    def test_create_is_retried_after_503(self):
        control("POST", "faults", {"operation": "droplets_create", "status": 503, "headers": {"Retry-After": "7"}})
        droplet = self.client.call("POST", "droplets", CREATE)["droplet"]
        requests = control("GET", "requests?operation=droplets_create")["requests"]
        self.assertEqual([r["status"] for r in requests], [503, 202])
        self.assertEqual([r["time"] for r in requests], ["2030-01-02T03:04:05Z", "2030-01-02T03:04:12Z"])
        self.assertEqual(json.loads(requests[1]["body"]), CREATE)
        entries = control("GET", "ledger")["entries"]
        self.assertEqual([(e["kind"], e["droplet_id"]) for e in entries], [("create", droplet["id"])])

    def test_create_is_not_retried_if_its_response_is_lost(self):
        control("POST", "faults", {"operation": "droplets_create", "applied": True, "break": "response"})
        with self.assertRaises(OSError):
            self.client.call("POST", "droplets", CREATE)
        self.assertEqual(len(control("GET", "ledger")["entries"]), 1)

    def test_truncated_response_is_an_error(self):
        control("POST", "faults", {"path": "/v2/account", "break": "body"})
        with self.assertRaises(http.client.IncompleteRead):
            self.client.call("GET", "account")
        self.assertIn("account", self.client.call("GET", "account"))

    def test_droplet_becomes_active_when_the_clock_is_advanced(self):
        created = self.client.call("POST", "droplets", CREATE)
        path = f"droplets/{created['droplet']['id']}"
        self.assertEqual(created["droplet"]["status"], "new")
        control("POST", "clock", {"advance": "54s"})
        self.assertEqual(self.client.call("GET", path)["droplet"]["status"], "new")
        self.assertEqual(control("POST", "clock", {"advance": "1s"}), {"now": "2030-01-02T03:05:00Z", "manual": True})
        self.assertEqual(self.client.call("GET", path)["droplet"]["status"], "active")

    def test_action_can_fail(self):
        droplet = control("POST", "seed", {"droplets": [{"name": "db-1"}]})["droplets"][0]
        control("POST", "fail-next-action", {"type": "snapshot"})
        results = []
        for _ in range(2):
            action = self.client.call("POST", f"droplets/{droplet['id']}/actions", {"type": "snapshot"})["action"]
            results.append(self.client.wait_for_action(action["id"]))
        self.assertEqual(results, ["errored", "completed"])
        self.assertEqual(len(self.client.call("GET", f"droplets/{droplet['id']}/snapshots")["snapshots"]), 1)

    def test_new_droplet_is_not_visible_during_lag(self):
        control("POST", "reset", {"clock": "manual", "lag": "visibility=8s"})
        path = f"droplets/{self.client.call('POST', 'droplets', CREATE)['droplet']['id']}"
        with self.assertRaisesRegex(OSError, "404"):
            self.client.call("GET", path)
        control("POST", "clock", {"advance": "8s"})
        self.assertEqual(self.client.call("GET", path)["droplet"]["name"], "web-1")

    def test_state_can_be_saved_and_restored(self):
        self.client.call("POST", "droplets", CREATE)
        saved = control("GET", "state")
        control("POST", "reset")
        self.assertEqual(self.client.call("GET", "droplets")["meta"]["total"], 0)
        self.assertEqual(control("PUT", "state", saved)["droplets"], 1)

    def test_control_api_reports_invalid_fields(self):
        for path, body, message in [
            ("faults", {"status": 42}, "status must be between 200 and 599"),
            ("seed", {"cuont": 3}, "cuont is not a field"),
            ("clock", {"advance": "-1s"}, "advance must not be negative"),
        ]:
            with self.assertRaisesRegex(ValueError, message):
                control("POST", path, body)


if __name__ == "__main__":
    unittest.main()
