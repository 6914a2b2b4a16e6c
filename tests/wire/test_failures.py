"""Each error of the libraries has its word and its sentence, none of theirs."""

from __future__ import annotations

import errno
import socket
import ssl

import httpx
import pytest

from testkey_nb.wire.failures import trouble_of

# the verify codes of OpenSSL, https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
CERTIFICATE = {
    9: ": it is not valid yet", 10: ": it has expired", 18: ": it is signed by itself",
    19: ": its chain ends in an authority that is not known", 20: ": its issuer is not known",
    21: ": its chain is incomplete", 23: ": it was revoked", 62: ": it is for another name",
    64: ": it is for another address", 1: "",
}  # fmt: skip


def of_certificate(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("theirs")
    error.verify_code = code
    return error


@pytest.mark.parametrize(("code", "why"), CERTIFICATE.items())
def test_a_certificate_is_refused_for_a_reason(code: int, why: str) -> None:
    assert trouble_of(of_certificate(code)) == ("certificate", f"the host's certificate is not trusted{why}")


@pytest.mark.parametrize("number", [errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE])
def test_a_connection_that_was_closed_is_reset(number: int) -> None:
    assert trouble_of(OSError(number, "theirs"))[0] == "reset"


@pytest.mark.parametrize("error", [OSError(errno.EHOSTUNREACH, "theirs"), httpx.ConnectError("theirs"), ValueError()])
def test_an_error_without_a_word_is_no_connection(error: Exception) -> None:
    assert trouble_of(error) == (None, "no connection")


@pytest.mark.parametrize("kind", [httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError])
def test_an_error_in_the_middle_of_the_talk_is_reset(kind: type[Exception]) -> None:
    assert trouble_of(kind("theirs"))[0] == "reset"


@pytest.mark.parametrize("error", [ConnectionRefusedError(), socket.gaierror()], ids=["refused", "no name"])
def test_behind_a_proxy_a_host_that_cannot_be_reached_is_the_proxy(error: OSError) -> None:
    assert trouble_of(error, proxied=True) == ("proxy", "the proxy cannot be reached")


@pytest.mark.parametrize("error", [of_certificate(10), ConnectionResetError(errno.ECONNRESET, "theirs")])
def test_behind_a_proxy_other_trouble_is_the_hosts(error: OSError) -> None:
    assert trouble_of(error, proxied=True) == trouble_of(error)


def test_the_cause_inside_a_group_is_seen() -> None:
    assert trouble_of(OSError("several", ExceptionGroup("", [ValueError()])))[0] is None
    outer = OSError("several")
    outer.__cause__ = ExceptionGroup("", [ValueError(), ConnectionRefusedError()])
    assert trouble_of(outer)[0] == "connection-refused"


def test_errors_that_name_each_other_as_cause_come_to_an_end() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    first.__context__ = second.__context__ = None
    assert trouble_of(ExceptionGroup("", [first])) == (None, "no connection")
