"""Judge what an id means: first its life, and if nothing is wrong there, its price, its line and its rating. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from llmhub.audit.finding.known import Known, Meant
from llmhub.audit.judging.lives import least, verdict_on_life
from llmhub.audit.judging.prices import Lines, dearer, dominated, superseded
from llmhub.audit.judging.replacements import Replacements

if TYPE_CHECKING:
    from llmhub.audit.judging.facts import Facts
    from llmhub.audit.report import Verdict


class Judge:
    """Judges offers by what is known of them, each once."""

    def __init__(self, facts: Facts, known: Known, *, within: timedelta) -> None:
        """Make a judge; a last day counts if it is at most `within` ahead."""
        self._facts = facts
        self._replacements = Replacements(facts, known, within=within)
        self._within = within
        self._lines = Lines(facts)
        self._judged: dict[tuple[tuple[str, ...], ...], tuple[Verdict, ...]] = {}

    def verdicts(self, meant: Meant) -> tuple[Verdict, ...]:
        """Return all that is wrong with what an id means; nothing if all is well."""
        if meant.choices not in self._judged:
            self._judged[meant.choices] = tuple(self._with_replacements(meant))
        return self._judged[meant.choices]

    def _with_replacements(self, meant: Meant) -> list[Verdict]:
        found = []
        for key, verdict in self._of(meant):
            life = self._facts.lives.get(key)
            named = life.replacement if life else None
            found.append(verdict._replace(replacements=self._replacements.of(key, named)))
        return found

    def _of(self, meant: Meant) -> list[tuple[str, Verdict]]:
        keys = [self._key(choice) for choice in meant.choices]
        lives = [self._on_life(key) for key in keys]
        if (verdict := least(lives)) is not None:
            key = keys[lives.index(verdict)]
            if len(keys) > 1:
                verdict = _of_several(verdict, key, len(keys))
            return [(key, verdict)]
        if len(keys) > 1 or lives[0] is not None:
            # Several providers may be meant, and one offer is fine; or prices differ, and which one counts is unknown.
            return []
        (key,) = keys
        checks = (
            dearer(key, self._facts),
            superseded(key, self._facts, self._lines),
            dominated(key, self._facts),
        )
        return [(key, verdict) for verdict in checks if verdict is not None]

    def _on_life(self, key: str) -> Verdict | None:
        life = self._facts.lives.get(key)
        if life is None:
            return None
        return verdict_on_life(key, life, today=self._facts.today, within=self._within)

    def _key(self, choice: Sequence[str]) -> str:
        """Return the key of a provider's offer under which most is known: that of models.dev, if it has one."""
        return next((key for key in choice if key in self._facts.current), choice[0])


def _of_several(verdict: Verdict, key: str, providers: int) -> Verdict:
    """Return a verdict that holds for all of the several providers that offer an id."""
    model_id = key.partition("/")[2]
    message = f"{verdict.message.replace(key, model_id, 1)}; the same holds for all {providers} providers that offer it"
    return verdict._replace(model=model_id, message=message)
