# SPDX-License-Identifier: Apache-2.0
# A strict reader of the text format of Prometheus (0.0.4): whatever is not as it should be is an error.
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"')
SAMPLE = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?\d+(?:\.\d+)?(?:e\+\d+)?)")
ESCAPES = {"\\\\": "\\", '\\"': '"', "\\n": "\n"}
BUCKETS = [*(str(2**i) for i in range(31)), "+Inf"]


class Exposition:
    """What a server tells: the type of each metric, and its values by their labels."""

    def __init__(self, text):
        assert text.endswith("\n"), "the last line has no end"
        self.types, self.samples = {}, {}
        lines = iter(text[:-1].split("\n"))
        for line in lines:
            if line.startswith("#"):
                self._begin(line, next(lines))
            else:
                self._take(line)
        for family, kind in self.types.items():
            if kind == "histogram":
                self._check_histogram(family)
            else:
                assert self.samples.get(family), f"{family} has no value"

    def value(self, name, **labels):
        """None when there is none."""
        return self.samples.get(name, {}).get(tuple(sorted(labels.items())))

    def _begin(self, type_line, help_line):
        mark, word, self.family, kind = type_line.split(" ")
        assert (mark, word) == ("#", "TYPE") and NAME.fullmatch(self.family), type_line
        assert kind in ("counter", "gauge", "histogram"), type_line
        assert self.family not in self.types, f"{self.family} comes twice"
        told = re.fullmatch(rf"# HELP {self.family} Event: ([a-z0-9_]+), Metric: ([a-z0-9_]+)", help_line)
        if self.family.startswith("process_"):  # what every exporter tells
            assert help_line.startswith(f"# HELP {self.family} ") and not told, help_line
        else:
            assert told and "_".join(told.groups()) == self.family, help_line
        self.types[self.family] = kind

    def _take(self, line):
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        name, labels, value = sample.groups()
        ending = name.removeprefix(self.family)
        is_histogram = self.types[self.family] == "histogram"
        assert name.startswith(self.family), f"{line} stands behind the headline of {self.family}"
        assert ending in (("_bucket", "_sum", "_count") if is_histogram else ("",)), line
        number = int(value) if re.fullmatch(r"-?\d+", value) else float(value)
        assert isinstance(number, int) or self.family.startswith("process_"), line
        assert number >= 0 or self.types[self.family] == "gauge", line
        values = self.samples.setdefault(name, {})
        key = tuple(self._labels(labels))
        assert key not in values, f"{line} comes twice"
        values[key] = number

    @staticmethod
    def _labels(text):
        if text is None:
            return []
        pairs, rest = [], text
        while True:
            label = LABEL.match(rest)
            assert label, text
            pairs.append((label[1], re.sub(r"\\.", lambda escape: ESCAPES[escape[0]], label[2])))
            rest = rest[label.end():]
            if not rest:
                break
            assert rest.startswith(","), text
            rest = rest[1:]
        without_limit = [pair for pair in pairs if pair[0] != "le"]
        assert without_limit == sorted(without_limit) and len(dict(pairs)) == len(pairs), f"labels out of order: {text}"
        return sorted(pairs)

    def _check_histogram(self, family):
        limits = {}
        for labels, value in self.samples[f"{family}_bucket"].items():
            others = tuple(pair for pair in labels if pair[0] != "le")
            limits.setdefault(others, []).append((dict(labels)["le"], value))
        assert limits, f"{family} has no buckets"
        for labels, buckets in limits.items():
            assert [limit for limit, _ in buckets] == BUCKETS, f"{family}{labels}: {buckets}"
            counts = [count for _, count in buckets]
            assert counts == sorted(counts), f"{family}{labels}: {buckets}"
            assert self.samples[f"{family}_count"][labels] == counts[-1] > 0, f"{family}{labels}"
            assert labels in self.samples[f"{family}_sum"], f"{family}{labels}"
