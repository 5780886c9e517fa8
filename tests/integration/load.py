"""Good clients in the background: whatever a test does to the node meanwhile, they must not notice."""

import threading

import wire


class Load:
    """While the block runs, clients call on one connection each, pause seconds after every answer. Each call has to
    be granted; the end of the block reports the first ones that were not."""

    def __init__(self, test, connections=1, pause=0.02):
        self.test, self.pause = test, pause
        self.problems, self.answered = [], [0] * connections
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._client, args=(number,)) for number in range(connections)]

    def _client(self, number):
        sequence = 0
        try:
            with wire.Connection(self.test.node, timeout=60) as connection:
                while not self._stop.is_set():
                    sequence += 1
                    self.test.assert_serves(connection, sequence)
                    self.answered[number] = sequence
                    self._stop.wait(self.pause)
        except Exception as problem:
            self.problems.append("call %d of client %d: %r" % (sequence, number, problem))

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        try:
            self.test.eventually(lambda: self.problems or min(self.answered) > 0, 60, "every client is served")
        except BaseException:
            self._end()
            raise
        return self

    def _end(self):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def __exit__(self, kind, *_):
        before = list(self.answered)
        if kind is None and not self.problems:  # also served now, and not only before
            self.test.eventually(lambda: self.problems or all(now > then for now, then in zip(self.answered, before)),
                                 60, "every client is served at the end")
        self._end()
        if kind is None:
            self.test.assertEqual(self.problems, [])
