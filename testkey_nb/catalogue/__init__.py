"""The catalogue: what is known of providers, metrics and rules, read from data/ into frozen dataclasses."""

from testkey_nb.catalogue.catalogue import Catalogue, load, read_catalogue
from testkey_nb.catalogue.locales import Locale
from testkey_nb.catalogue.model import KeyPattern, Probe, Provider, Region, Request
from testkey_nb.catalogue.parse import parse_provider
from testkey_nb.catalogue.paths import data_dir
from testkey_nb.keys import shared_from

__all__ = [
    "Catalogue",
    "KeyPattern",
    "Locale",
    "Probe",
    "Provider",
    "Region",
    "Request",
    "data_dir",
    "load",
    "parse_provider",
    "read_catalogue",
]

# texts of no session are redacted by the installed catalogue
shared_from(lambda: load().redact)
