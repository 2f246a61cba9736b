"""The languages of one curve and what they are to it."""

from dataclasses import dataclass

from clt.study import is_latin


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """The languages of one curve and their roles, the same at every n."""

    english: str
    trained: tuple[str, ...]  # in the mixture for some n > 0, without English
    held_out: tuple[str, ...]  # evaluated, never in the mixture
    unscored: tuple[str, ...] = ()  # trained, and scored nowhere: in no average

    @property
    def languages(self) -> tuple[str, ...]:
        """The order of the language axis: English, trained, held out."""
        return (self.english, *self.trained, *self.held_out)

    def groups(self) -> dict[str, tuple[str, ...]]:
        """Languages by group; `trained` and `held_out` are averaged as S and U, `non_english` as A."""
        trained = tuple(code for code in self.trained if code not in self.unscored)
        latin = tuple(code for code in (*trained, *self.held_out) if is_latin(code))
        other = tuple(code for code in (*trained, *self.held_out) if not is_latin(code))
        return {
            "english": (self.english,),
            "trained": trained,
            "held_out": self.held_out,
            "non_english": (*trained, *self.held_out),
            "latin": latin,
            "non_latin": other,
            "trained_latin": tuple(code for code in trained if code in latin),
            "trained_non_latin": tuple(code for code in trained if code in other),
            "held_out_latin": tuple(code for code in self.held_out if code in latin),
            "held_out_non_latin": tuple(code for code in self.held_out if code in other),
        }
