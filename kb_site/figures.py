"""Measured figures and how they are taken."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Figure:
    """One measured thing; CPU in milliseconds, ``least`` and ``median`` and ``p95`` over the runs."""

    name: str
    least_ms: float
    median_ms: float
    p95_ms: float
    queries: int | None = None
    bytes: int | None = None
    notes: dict[str, Any] = field(default_factory=dict)


def figure(name: str, samples: list[float], **extra: Any) -> Figure:
    """Return the figure of samples in milliseconds."""
    ordered = sorted(samples)
    p95 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
    return Figure(name, round(ordered[0], 2), round(statistics.median(ordered), 2), round(p95, 2), **extra)


def cpu_ms(run: Callable[[], object]) -> float:
    """Return the CPU milliseconds of one call, all threads of this process."""
    began = time.process_time()
    run()
    return (time.process_time() - began) * 1000
