"""A step's phases and signs of life, as whoever started it learns of them."""

from clt.progress import alive, listening, phase, timed


def test_seconds_are_counted_by_phase_beside_what_was_before() -> None:
    with timed(waiting=90.0):
        with timed() as seconds:
            for _ in range(2):
                with phase("loading"):
                    pass
            assert set(seconds) == {"waiting", "loading"} and seconds["waiting"] == 90.0 and seconds["loading"] >= 0
        with timed() as other:
            assert other == {"waiting": 90.0}


def test_a_phase_that_fails_is_counted_too() -> None:
    with timed() as seconds:
        try:
            with phase("saving"):
                raise OSError
        except OSError:
            pass
    assert "saving" in seconds


def test_whoever_listens_hears_phases_and_signs_and_nobody_has_to() -> None:
    heard: list[dict[str, object]] = []
    alive(batch=0)
    with listening(lambda **facts: heard.append(facts)), phase("evaluating"):
        alive()
        alive(batch=2)
    alive(batch=3)
    assert heard == [{"phase": "evaluating"}, {}, {"batch": 2}]
