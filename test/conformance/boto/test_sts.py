"""STS: who am I."""

from __future__ import annotations

import unittest

from support import ACCOUNT, Case, client


class Sts(Case):
    def test_the_caller_is_known(self) -> None:
        answer = client("sts").get_caller_identity()
        self.assertEqual(answer["Account"], ACCOUNT)
        self.assertTrue(answer["Arn"].startswith(f"arn:aws:iam::{ACCOUNT}:"), answer)
        self.assertTrue(answer["UserId"])


if __name__ == "__main__":
    unittest.main()
