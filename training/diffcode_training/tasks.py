"""The three tasks and the unit of u in physical values. model-spec.md 2.1 and 2.8."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """`u = gain · (x − offset)`, where x in [0, 1] spans `span` physical units from `lowest`."""

    name: str
    index: int
    gain: float
    offset: float
    lowest: float
    span: float
    unit: str
    window: tuple[float, float] | None = None

    @property
    def physical_per_unit(self) -> float:
        """How many HU, SUV or shares of the MR scale one u is."""
        return self.span / self.gain

    @property
    def bounds(self) -> tuple[float, float]:
        """x = 0 and x = 1, in u."""
        return self.gain * (0 - self.offset), self.gain * (1 - self.offset)

    @property
    def window_in_u(self) -> tuple[float, float]:
        """The test window of model-spec.md 4.1 in u; the whole range where there is none."""
        if self.window is None:
            return self.bounds
        first, last = self.window
        return (first - self.zero) / self.physical_per_unit, (last - self.zero) / self.physical_per_unit

    @property
    def zero(self) -> float:
        """The physical value of u = 0."""
        return self.lowest + self.span * self.offset

    @property
    def signal(self) -> float:
        """The u of x = 0.01: below is air."""
        return self.gain * (0.01 - self.offset)


MRI = Task("mri-super-resolution", 0, 1.0, 0.0, 0.0, 1.0, "s")
CT = Task("ct-denoising", 1, 16.0, 1024 / 4095, -1024.0, 4095.0, "HU", (-160.0, 240.0))
PET = Task("pet-synthesis", 2, 4.0, 0.0, 0.0, 20.0, "SUV")
TASKS: tuple[Task, ...] = (MRI, CT, PET)
BY_NAME = {task.name: task for task in TASKS}
