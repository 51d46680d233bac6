"""python3 -m unittest discover clients/python, from the project's folder."""

import json
import pathlib
import unittest

from mem_ab import assign, canonical, event_uuid, key, place, unit

VECTORS = json.loads((pathlib.Path(__file__).parents[2] / "sdk" / "vectors.json").read_text())


class Vectors(unittest.TestCase):
    def test_canonical(self):
        for one in VECTORS["canonical"]:
            self.assertEqual(canonical(one["value"], one["hashVersion"]), one["text"])

    def test_keys(self):
        for one in VECTORS["keys"]:
            self.assertEqual(key(one["experiment"], one["context"], one["secret"], one["hashVersion"]), one["key"])

    def test_units(self):
        for one in VECTORS["units"]:
            self.assertEqual(unit(one["namespace"], one["context"], one["secret"]), one["unit"])

    def test_buckets(self):
        for one in VECTORS["buckets"]:
            self.assertEqual(place(one["seed"], one["id"]), one["place"])

    def test_assignments(self):
        for one in VECTORS["assignments"]:
            self.assertEqual(assign(one["experiment"], one["id"], one["weights"], one["coverage"]), one["variant"], one)

    def test_uuids(self):
        for one in VECTORS["uuids"]:
            self.assertEqual(event_uuid(one["namespace"], one["experiment"], one["event"], one["unit"]), one["uuid"])


if __name__ == "__main__":
    unittest.main()
