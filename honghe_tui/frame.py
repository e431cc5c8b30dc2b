"""The one timer that draws: it hands what changed to the screens in sight, at a bounded rate."""

from collections.abc import Callable, Iterable
from typing import Protocol, runtime_checkable

from honghe_tui.mirror import Dirty, Mirror


@runtime_checkable
class Drawn(Protocol):
    """A screen that draws from the mirror."""

    def draw_frame(self, dirty: Dirty, now_s: float) -> None:
        """Brings its widgets up to date; `now_s` is monotonic, for what fades or ages."""
        ...


class FramePump:
    """Takes the mirror's dirty sets once a frame. `frames` counts those that were drawn."""

    def __init__(
        self,
        mirror: Mirror,
        screens: Callable[[], Iterable[object]],
        clock: Callable[[], float],
    ) -> None:
        self._mirror = mirror
        self._screens = screens
        self._clock = clock
        self.frames = 0

    def tick(self) -> Dirty:
        """Draws one frame and returns what was dirty."""
        dirty = self._mirror.take_dirty()
        now = self._clock()
        for screen in self._screens():
            if isinstance(screen, Drawn):
                screen.draw_frame(dirty, now)
        self.frames += 1
        return dirty
