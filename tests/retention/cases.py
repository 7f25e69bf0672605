"""What may be said of the retention: by flags, and in a section of the configuration file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

FLAGS: Mapping[str, Sequence[str]] = {
    "none": (),
    "time": ("--storage.tsdb.retention.time=30d",),
    "size": ("--storage.tsdb.retention.size=2GB",),
    "both": ("--storage.tsdb.retention.time=36h", "--storage.tsdb.retention.size=1GB512MB"),
    "zero": ("--storage.tsdb.retention.time=0s", "--storage.tsdb.retention.size=0B"),
    "zero time": ("--storage.tsdb.retention.time=0s", "--storage.tsdb.retention.size=2GB"),
}

SECTIONS: Mapping[str, str] = {
    "no storage": "",
    "no database": "storage: {}",
    "no section": "storage: {tsdb: {out_of_order_time_window: 0s}}",
    "null": "storage: {tsdb: {retention: null}}",
    "empty": "storage: {tsdb: {retention: {}}}",
    "time": "storage: {tsdb: {retention: {time: 20d}}}",
    "long time": "storage: {tsdb: {retention: {time: 1y2w3d4h5m6s7ms}}}",
    "no time": "storage: {tsdb: {retention: {time: 0s}}}",
    "null time": "storage: {tsdb: {retention: {time: null, size: 3GB}}}",
    "size": "storage: {tsdb: {retention: {size: 3GB}}}",
    "odd size": "storage: {tsdb: {retention: {size: 1GiB300MiB}}}",
    "no size": "storage: {tsdb: {retention: {size: 0B, time: 20d}}}",
    "both": "storage: {tsdb: {retention: {time: 1w, size: 3GB}}}",
    "percentage": "storage: {tsdb: {retention: {percentage: 50}}}",
    "small percentage": "storage: {tsdb: {retention: {percentage: 0.5, time: 20d}}}",
    "no percentage": "storage: {tsdb: {retention: {percentage: 0, size: 3GB}}}",
    "all": "storage: {tsdb: {retention: {time: 20d, size: 3GB, percentage: 50}}}",
}

REFUSED: Mapping[str, str] = {
    "a time": "storage: {tsdb: {retention: {time: 20 days}}}",
    "a negative size": "storage: {tsdb: {retention: {size: -3GB}}}",
    "a percentage": "storage: {tsdb: {retention: {percentage: 101}}}",
    "a key": "storage: {tsdb: {retention: {duration: 20d}}}",
    "no YAML": "storage: {tsdb: {",
}
"""What Prometheus does not take."""
