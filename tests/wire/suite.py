"""What the wire tests share: the program, a server a class, and a summary in the form of the C++
tests, which ./test adds up."""

import os
import sys
import unittest

from peer import Server

PROGRAM = os.environ.get("INBOXD_BINARY", "")


class ServerCase(unittest.TestCase):
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.server = Server(PROGRAM, *cls.options)

    @classmethod
    def tearDownClass(cls):
        cls.server.clean_up()


def main():
    program = unittest.main(module="__main__", exit=False, warnings="ignore")
    result = program.result
    failed = len({str(test).split(" (")[0] for test, _ in result.failures + result.errors})
    if result.wasSuccessful() and result.testsRun > 0:
        print(f"All tests passed: {result.testsRun} test cases")
        return
    print(f"test cases: {result.testsRun} | {result.testsRun - failed} passed | {max(failed, 1)} failed")
    sys.exit(1)
