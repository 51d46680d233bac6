"""Reference client for Mem, with the standard library only: docs/sdk-spec.md says what it computes."""

import hashlib
import hmac
import json
import random
import threading
import time
import urllib.error
import urllib.request
import uuid

FIRST_DELAY, LONGEST_DELAY = 1.0, 300.0


def canonical(value, version=1):
    """One text for each value: JSON with sorted names; from version 2 on ids are their text."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, (int, float)):
        text = _number(value, version)
        return text if version == 1 else f'"{text}"'
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(canonical(one, version) for one in value) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        kept = [name for name in names if version == 1 or value[name] is not None]
        return "{" + ",".join(f"{_quoted(name)}:{canonical(value[name], version)}" for name in kept) + "}"
    return _quoted(str(value))


def _quoted(text):
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(f"\\u{ord(one):04x}" if 0xD800 <= ord(one) <= 0xDFFF else one for one in quoted)


def _number(value, version):
    """A number as JavaScript writes it."""
    if value != value or value in (float("inf"), float("-inf")):
        raise ValueError(f"expected a number that JSON has, got {value}")
    if value == int(value) and (version == 2 or abs(value) < 1e21):
        return str(int(value))
    text = repr(float(value))
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return text
    power = int(exponent)
    mantissa = mantissa.removesuffix(".0")
    if -7 < power < 0:
        digits = mantissa.lstrip("-").replace(".", "")
        return ("-" if value < 0 else "") + "0." + "0" * (-power - 1) + digits
    return f"{mantissa}e{'+' if power > 0 else '-'}{abs(power)}"


def key(experiment, context, secret="", version=1):
    """The visitor's pseudonym in an experiment, which decides their variant."""
    text = canonical([experiment, context], version)
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def unit(namespace, context, secret=""):
    """The visitor's pseudonym on the wire, the same in all experiments of a namespace."""
    return key(namespace, context, secret, 2)


def _fnv(text):
    units = text.encode("utf-16-le", "surrogatepass")
    value = 0x811C9DC5
    for i in range(0, len(units), 2):
        value = ((value ^ int.from_bytes(units[i : i + 2], "little")) * 0x01000193) & 0xFFFFFFFF
    return value


def place(seed, id):
    """From 0 to 0.9999, uniform over ids."""
    return (_fnv(str(_fnv(seed + id))) % 10000) / 10000


def assign(experiment, id, weights, coverage=1.0):
    """The variant by weights in percent, in their order; None for whoever is not covered."""
    at, start = place(experiment, id), 0.0
    for variant, weight in weights.items():
        share = weight / 100
        if start <= at < start + coverage * share:
            return variant
        start += share
    return None


def event_uuid(namespace, experiment, event, unit):
    """The same for the same visitor: told again, it counts once."""
    text = canonical([namespace, experiment, event, unit])
    return hmac.new(b"", text.encode(), hashlib.sha256).hexdigest()[:32]


class Client:
    """Keeps events until the backend has received them. `on_error` hears of what will not be counted."""

    def __init__(self, endpoint, namespace="alephbet", secret="", capacity=10_000, on_error=lambda error: None):
        if not endpoint.startswith(("http://", "https://")):
            raise ValueError(f"expected a URL as endpoint, got {endpoint!r}")
        self._address = endpoint.rstrip("/") + "/events"
        self._namespace, self._secret, self._capacity, self._on_error = namespace, secret, capacity, on_error
        self._waiting, self._lock, self._failures, self._paused_until = [], threading.Lock(), 0, 0.0

    def key(self, experiment, context, version=1):
        return key(experiment, context, self._secret, version)

    def unit(self, context):
        """What events call the visitor. Of an experiment that version 0.1.0 has begun it is the key."""
        return unit(self._namespace, context, self._secret)

    def expose(self, experiment, variant, unit, control=None):
        """A visitor sees a variant. Before their goals. `control` is the variant to compare with, if it has another name."""
        uuid = event_uuid(self._namespace, experiment, "participate", unit)
        self._add(experiment, variant, "participate", unit, uuid, control=control)

    def track(self, experiment, variant, goal, unit, value=None, id=None):
        """A visitor reaches a goal. With `id`, of an order, say, it counts once however often it is told."""
        self._add(experiment, variant, goal, unit, id or uuid.uuid4().hex, value)

    def _add(self, experiment, variant, event, unit, event_id, value=None, control=None):
        told = {"namespace": self._namespace, "experiment": experiment, "variant": variant}
        told.update(event=event, uuid=event_id, unit=unit)
        if value is not None:
            told["value"] = value
        if control is not None:
            told["control"] = control
        with self._lock:
            if len(self._waiting) < self._capacity:
                self._waiting.append(told)
                return
        self._on_error(f"queue_full: {event} of {experiment} is not counted")

    def flush(self, timeout=5.0):
        """Sends what waits; says how many events wait still. Does nothing in the pause after a failure."""
        end = time.monotonic() + timeout
        while self._waiting and time.monotonic() >= self._paused_until and time.monotonic() < end:
            with self._lock:
                batch = self._waiting[:25]
            final, answer, retry_after = self._post(batch, max(0.1, end - time.monotonic()))
            if not final:
                self._failures += 1
                delay = min(FIRST_DELAY * 2 ** (self._failures - 1), LONGEST_DELAY) * random.uniform(0.5, 1)
                self._paused_until = time.monotonic() + min(max(delay, retry_after), LONGEST_DELAY)
                if self._failures == 3:
                    self._on_error(f"{self._address} failed 3 times in a row: {answer}")
                break
            self._failures = 0
            with self._lock:
                self._waiting = self._waiting[len(batch) :]
            for refusal in answer.get("rejected") or ([answer["error"]] if answer.get("error") else []):
                self._on_error(refusal)
        return len(self._waiting)

    def _post(self, events, timeout):
        body = json.dumps({"events": events}).encode()
        request = urllib.request.Request(self._address, body, {"content-type": "application/json"}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                status, text, headers = response.status, response.read(), response.headers
        except urllib.error.HTTPError as error:
            status, text, headers = error.code, error.read(), error.headers
        except OSError as error:
            return False, str(error), 0.0
        try:
            answer = json.loads(text)
        except ValueError:
            answer = None
        accepted = answer.get("accepted") if isinstance(answer, dict) else None
        is_number = isinstance(accepted, (int, float)) and not isinstance(accepted, bool)
        if is_number and (status == 200 or (400 <= status < 500 and status != 429)):
            return True, answer, 0.0
        retry_after = headers.get("retry-after") or ""
        return False, f"http_{status}", float(retry_after) if retry_after.isdigit() else 0.0
