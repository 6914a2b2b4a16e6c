"""The provider page says what the catalogue alone says about a provider on one dimension."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from testkey_nb.analysis.dimension_signal import signal_of
from testkey_nb.catalogue.locales import Locale, load_locale
from testkey_nb.catalogue.model import Metric, Provider
from testkey_nb.errors import UnknownName
from testkey_nb.views.style import style_tag
from testkey_nb.views.text import esc, plain

if TYPE_CHECKING:
    import pandas as pd

    from testkey_nb.views.view_widget import ViewWidget

SAMPLES = 3
METRICS_ON_CARD = 4
CAPABILITIES_ON_CARD = 3
DOT = " · "


class CatalogueLike(Protocol):
    """What a page reads of the catalogue."""

    @property
    def metrics(self) -> Mapping[str, Metric]: ...

    def provider(self, name: str) -> Provider: ...

    def rules(self, name: str) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """One provider on one dimension, in one language.

    Attributes:
        provider: the catalogue's facts.
        dimension: `onboarding-readiness`, `inventory-fit` or `commercial-launch`.
        signal_text: what the dimension says of this provider before any key was looked at, in English, with
            `{N}` for the number of covered models.
        signal_id: its id, under which the languages have it.
        capabilities: English names, in the order in which the provider's metrics feed them.
        actions: English names of what a provider page proposes.
        locale: the language's texts.
    """

    provider: Provider
    dimension: str
    signal_text: str
    signal_id: str
    capabilities: tuple[str, ...]
    actions: tuple[str, ...]
    locale: Locale

    def as_dict(self) -> dict[str, Any]:
        """Gives the page's facts; the fields of `page --format json`."""
        provider, say = self.provider, self.locale
        probes = provider.read_only_probes
        return {
            "provider": provider.name,
            "provider_id": provider.id,
            "route": say(f"route.{provider.route}"),
            "coverage": len(provider.covered_models),
            "sample_models": list(provider.covered_models[:SAMPLES]) or [provider.name],
            "dimension": self.dimension,
            "dimension_name": say(f"dimension.{self.dimension}"),
            "signal": self.signal,
            "probes": {"count": len(probes), "kinds": list(dict.fromkeys(probe.kind for probe in probes))},
            "metrics": {"count": len(provider.metrics), "names": list(provider.metrics)},
            "capabilities": {
                "count": len(self.capabilities),
                "names": list(self._named("capability", self.capabilities)),
            },
            "actions": list(self._named("action", self.actions)),
            "privacy": say("privacy.line"),
        }

    @property
    def signal(self) -> str:
        """The signal in the page's language, with the number of covered models."""
        text = self.locale.find(f"signal.{self.signal_id}") or self.signal_text
        return text.replace("{N}", str(len(self.provider.covered_models)))

    def _named(self, table: str, names: Sequence[str]) -> Iterator[str]:
        """Gives English names in the page's language, where it has them."""
        for name in names:
            yield self.locale.find(f"{table}.{name.replace(' ', '-')}") or name

    @property
    def cards(self) -> list[tuple[str, str, str]]:
        """Label, value and what stands below, in page order; a provider without probes has no probe cards."""
        page, say = self.as_dict(), self.locale
        probes, metrics, capabilities = page["probes"], page["metrics"], page["capabilities"]
        cards = [
            (say("page.provider"), page["provider"], page["route"]),
            (say("page.coverage"), str(page["coverage"]), DOT.join(page["sample_models"])),
            (say("page.dimension"), page["dimension_name"], page["dimension"]),
            (say("page.signal"), page["signal"], page["provider_id"]),
        ]
        if probes["count"]:
            cards += [
                (say("page.probes"), str(probes["count"]), DOT.join(probes["kinds"])),
                (say("page.metrics"), str(metrics["count"]), DOT.join(metrics["names"][:METRICS_ON_CARD])),
                (
                    say("page.capabilities"),
                    str(capabilities["count"]),
                    DOT.join(capabilities["names"][:CAPABILITIES_ON_CARD]),
                ),
            ]
        return cards

    @property
    def sections(self) -> list[tuple[str, str, list[str]]]:
        """Heading, sentence and bullets of the four sections."""
        page, say = self.as_dict(), self.locale
        kinds = DOT.join(page["probes"]["kinds"]) or say("page.none")
        return [
            (
                say("page.why"),
                say("page.why_text"),
                [
                    f"{say('page.coverage')}: {page['coverage']} ({DOT.join(page['sample_models'])})",
                    page["route"],
                    page["signal"],
                ],
            ),
            (
                say("page.how"),
                say("page.how_text"),
                [
                    f"{say('page.probes')}: {kinds}",
                    *(probe.question for probe in self.provider.read_only_probes),
                    f"{say('view.metrics')}: {', '.join(page['metrics']['names']) or say('page.none')}",
                    say("page.how_note"),
                ],
            ),
            (say("page.next"), say("page.next_text"), page["actions"]),
            (say("page.all"), say("page.all_text"), page["capabilities"]["names"] or [say("page.none")]),
        ]

    @property
    def frame(self) -> pd.DataFrame:
        """One row per card: label, value, detail."""
        import pandas as pd

        return pd.DataFrame(self.cards, columns=["label", "value", "detail"], dtype="str")

    @property
    def title(self) -> str:
        return self.locale(
            "page.title", provider=self.provider.name, dimension=self.locale(f"dimension.{self.dimension}")
        )

    def text(self) -> str:
        """Gives the page as plain text for a terminal."""
        lines = [self.title, self.locale("page.lead", provider=self.provider.name), ""]
        width = max(len(label) for label, _, _ in self.cards)
        lines += [f"{label:<{width}}  {value}  ({below})" for label, value, below in self.cards]
        for heading, sentence, bullets in self.sections:
            lines += ["", heading, f"  {sentence}", *(f"  - {bullet}" for bullet in bullets)]
        lines += ["", self.locale("privacy.line")]
        return "\n".join(plain(line) if line else "" for line in lines)

    def html(self, *, links: bool = False, level: int = 2) -> str:  # noqa: ARG002 - a page cites no request
        """Gives the fragment without its style sheet; `level` is that of its title among the headings around it."""
        say = self.locale
        cards = "".join(
            f'<div class="tk-card" role="listitem"><p class="tk-k">{esc(label)}</p>'
            f'<p class="tk-v">{esc(value)}</p>'
            f'<p class="tk-sub">{esc(below)}</p></div>'
            for label, value, below in self.cards
        )
        sections = "".join(
            f'<section class="tk-sec"><h{level + 1}>{esc(heading)}</h{level + 1}><p>{esc(sentence)}</p>'
            f'<ul class="tk-list">{"".join(f"<li>{esc(bullet)}</li>" for bullet in bullets)}</ul></section>'
            for heading, sentence, bullets in self.sections
        )
        return (
            f'<div class="tk-view tk-page" lang="{esc(say.lang)}" dir="{say.direction}">'
            f"<h{level}>{esc(self.title)}</h{level}>"
            f"<p>{esc(say('page.lead', provider=self.provider.name))}</p>"
            f'<div class="tk-cards" role="list">{cards}</div><div class="tk-cols">{sections}</div>'
            f'<p class="tk-note">{esc(say("privacy.line"))}</p></div>'
        )

    def document(self) -> str:
        """Gives a whole HTML file of the page, without script or remote reference."""
        from testkey_nb.views.document import document

        return document(self.title, self.html(level=1), locale=self.locale)

    def widget(self) -> ViewWidget:
        """Gives the page as a widget; it never expires, for it holds catalogue facts only."""
        from testkey_nb.views.view_widget import ViewWidget

        return ViewWidget(self)

    @property
    def expires_at(self) -> None:
        """None: catalogue facts do not expire."""
        return

    def _repr_html_(self) -> str:
        return style_tag() + self.html()

    def __repr__(self) -> str:
        return f"<ProviderPage: {self.provider.id} {self.dimension} {self.locale.lang}>"


def provider_page(provider: str, dimension: str, *, catalogue: CatalogueLike, lang: str = "en") -> ProviderPage:
    """Gives the page of one provider (id or alias) on one dimension; no key, no network.

    Raises:
        UnknownProvider: with the nearest names.
        UnknownName: no such dimension; the text lists the three.
        UnknownLanguage: with the choices.
    """
    locale = load_locale(lang)
    dimensions = {str(entry["id"]): entry for entry in catalogue.rules("dimensions")["dimensions"]}
    if dimension not in dimensions:
        raise UnknownName(f"no dimension {dimension!r}; there are {', '.join(dimensions)}")
    facts = catalogue.provider(provider)
    # a metric feeds one or more capabilities; each is listed where it first appears
    fed = dict.fromkeys(each for name in facts.metrics for each in catalogue.metrics[name].capabilities)
    actions = catalogue.rules("actions")["families"]["provider probe"]
    signal = signal_of(dimensions[dimension], n=len(facts.covered_models), route=facts.route)
    return ProviderPage(facts, dimension, str(signal["text"]), str(signal["id"]), tuple(fed), tuple(actions), locale)
